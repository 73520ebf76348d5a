"""What the records of one family can be searched and sorted by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from millwright.core.errors import InvalidInputError, closest
from millwright.core.records.search import Comparison, Field, Kind

NUMBER_OPERATORS = ("=", "!=", "<", "<=", ">", ">=")
TEXT_OPERATORS = ("=", "!=", "LIKE", "ILIKE")
LIST_OPERATORS = ("IN", "NOT IN")
NULL_OPERATORS = ("IS NULL", "IS NOT NULL")

# What MLflow calls them in messages.
_ON_WIRE = {Kind.PARAM: "parameter", Kind.ATTRIBUTE: "attributes", Kind.DATASET: "dataset attributes"}
_ENTITIES = {
    **dict.fromkeys(("attribute", "attributes", "attr", "run"), Kind.ATTRIBUTE),
    **dict.fromkeys(("metric", "metrics"), Kind.METRIC),
    **dict.fromkeys(("param", "params", "parameter", "parameters"), Kind.PARAM),
    **dict.fromkeys(("tag", "tags"), Kind.TAG),
    **dict.fromkeys(("dataset", "datasets"), Kind.DATASET),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class FilterSchema:
    """The fields of one family.

    Attributes:
        what: What is searched, in the plural, for messages.
        texts: Attributes that are text, by every name they go by, to our name.
        numbers: Attributes that are numbers or times (milliseconds since 1970), likewise.
        kinds: Kinds of fields besides attributes.
        listed: Text attributes that take IN lists.
        entities: More words before the dot, such as `trace`.
        datasets: What can be asked of datasets.
    """

    what: str
    texts: Mapping[str, str]
    numbers: Mapping[str, str] = field(default_factory=dict)
    kinds: frozenset[Kind] = frozenset({Kind.TAG})
    listed: frozenset[str] = frozenset()
    entities: Mapping[str, Kind] = field(default_factory=dict)
    datasets: frozenset[str] = frozenset({"name", "digest", "context"})

    def field(self, written: str) -> Field:
        """The field that a text names.

        Args:
            written: As in a filter: `metrics.auc`, ``tags.`a b` ``, `status`.

        Raises:
            InvalidInputError: There is no such field; names the nearest.
        """
        entity, dot, key = written.partition(".")
        if not dot or written[:1] in {"`", '"'}:
            return self._attribute(_bare(written))
        kind = {**_ENTITIES, **self.entities}.get(entity)
        if kind is None or (kind is not Kind.ATTRIBUTE and kind not in self.kinds):
            known = [name for name, each in _ENTITIES.items() if each is Kind.ATTRIBUTE or each in self.kinds]
            raise InvalidInputError(
                f"Invalid entity type '{entity}'. Valid values for {self.what} are {sorted({*known, *self.entities})}."
            )
        key = _bare(key)
        if kind is Kind.ATTRIBUTE:
            return self._attribute(key)
        if kind is Kind.DATASET and key not in self.datasets:
            raise InvalidInputError(f"Invalid dataset key '{key}' specified. Valid keys are {sorted(self.datasets)}.")
        if not key:
            raise InvalidInputError(f"Expected a key behind '{entity}.', found none.")
        return Field(kind=kind, key=key)

    def is_number(self, named: Field) -> bool:
        """Whether a field holds numbers; other fields hold text."""
        return named.kind is Kind.METRIC or (named.kind is Kind.ATTRIBUTE and named.key in self.numbers.values())

    def comparison(self, named: Field, op: str, value: str | float | tuple[str, ...] | None) -> Comparison:
        """A comparison, if the field takes it.

        Args:
            named: What `field` gave.
            op: In capitals.
            value: A number, a text, several texts, or None after IS.

        Raises:
            InvalidInputError: The field has no such comparison, or the value is of the wrong kind.
        """
        allowed = self._operators(named)
        if op not in allowed:
            raise InvalidInputError(
                f"Invalid comparator '{op}' not one of {allowed}, which the {named.kind} '{named.key}' has."
            )
        if op in NULL_OPERATORS:
            return Comparison(field=named, op=op)
        if self.is_number(named):
            return Comparison(field=named, op=op, value=_number(named, value))
        if op in LIST_OPERATORS:
            if not isinstance(value, tuple):
                raise InvalidInputError(f"Expected a list of quoted texts behind {op}, found {value!r}.")
        elif not isinstance(value, str):
            raise InvalidInputError(
                f"Expected a quoted string value for {_ON_WIRE.get(named.kind, named.kind)} (e.g. 'my-value'). "
                f"Got value {value!r}, for '{named.key}'."
            )
        return Comparison(field=named, op=op, value=value)

    def _operators(self, named: Field) -> tuple[str, ...]:
        if self.is_number(named):
            return NUMBER_OPERATORS
        if named.kind is Kind.DATASET or (named.kind is Kind.ATTRIBUTE and named.key in self.listed):
            return TEXT_OPERATORS + LIST_OPERATORS
        if named.kind is Kind.ATTRIBUTE:
            return TEXT_OPERATORS
        return TEXT_OPERATORS + NULL_OPERATORS

    def _attribute(self, key: str) -> Field:
        known = {**self.texts, **self.numbers}
        if key not in known:
            valid = sorted(name for name, ours in known.items() if name == ours or ours not in known)
            raise InvalidInputError(
                f"Invalid attribute key '{key}' specified. Valid keys for {self.what} are {valid}.",
                hint=closest(key, known),
            )
        return Field(kind=Kind.ATTRIBUTE, key=known[key])


def _bare(key: str) -> str:
    return key[1:-1] if len(key) >= 2 and key[0] == key[-1] and key[0] in {"`", '"'} else key


def _number(named: Field, value: object) -> float:
    if isinstance(value, float | int):
        return value
    kind = "metric" if named.kind is Kind.METRIC else f"numeric attribute: {named.key}"
    raise InvalidInputError(
        f"Expected numeric value type for {kind}. Found {value!r}.", hint="Write a number, without quotes."
    )
