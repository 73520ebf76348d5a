"""What traces can be searched and sorted by: more kinds of fields than other records have."""

from __future__ import annotations

from millwright.core.errors import InvalidInputError
from millwright.core.filter.schema import LIST_OPERATORS, NULL_OPERATORS, NUMBER_OPERATORS, TEXT_OPERATORS, FilterSchema
from millwright.core.records.search import Comparison, Field, Kind

NAME_TAG = "mlflow.traceName"
RUN_METADATA = "mlflow.sourceRun"
_KINDS = {
    "metadata": Kind.METADATA,
    "request_metadata": Kind.METADATA,
    "span": Kind.SPAN,
    "feedback": Kind.FEEDBACK,
    "expectation": Kind.EXPECTATION,
    "issue": Kind.ISSUE,
}
_WITH_RLIKE = (*TEXT_OPERATORS, "RLIKE")
_ORDERING = ("<", "<=", ">", ">=")
_SPAN_KEYS = ("name", "type", "status", "content")
# Attributes that are kept as something else.
_ELSEWHERE = {
    NAME_TAG: Field(kind=Kind.TAG, key=NAME_TAG),
    RUN_METADATA: Field(kind=Kind.METADATA, key=RUN_METADATA),
    "content": Field(kind=Kind.SPAN, key="content"),
}
_OPERATORS = {
    Kind.ATTRIBUTE: _WITH_RLIKE + LIST_OPERATORS,
    Kind.TAG: _WITH_RLIKE + LIST_OPERATORS + NULL_OPERATORS,
    Kind.METADATA: _WITH_RLIKE + LIST_OPERATORS + NULL_OPERATORS,
    Kind.SPAN: _WITH_RLIKE + LIST_OPERATORS,
    Kind.FEEDBACK: _WITH_RLIKE + _ORDERING + NULL_OPERATORS,
    Kind.EXPECTATION: _WITH_RLIKE + _ORDERING + NULL_OPERATORS,
    Kind.ISSUE: ("=",),
}


class TraceSchema(FilterSchema):
    """The fields of traces: attributes, tags, metadata, spans, feedback, expectations and issues."""

    __slots__ = ()

    def field(self, written: str) -> Field:
        """See `FilterSchema.field`."""
        entity, dot, key = written.partition(".")
        kind = _KINDS.get(entity)
        if not dot or kind is None:
            if dot and entity not in self._entities():
                raise InvalidInputError(
                    f"Invalid entity type '{entity}'. Valid values for traces are {self._entities()}."
                )
            found = FilterSchema.field(self, written)
            return _ELSEWHERE.get(found.key, found) if found.kind is Kind.ATTRIBUTE else found
        key = _bare(key)
        if kind is Kind.SPAN:
            _check_span(key)
        if kind is Kind.ISSUE and key != "id":
            raise InvalidInputError(f"Invalid issue attribute '{key}'. Supported attributes: id")
        if not key:
            raise InvalidInputError(f"Expected a key behind '{entity}.', found none.")
        if key.startswith("attributes.") and kind is Kind.SPAN:
            key = f"attributes.{_bare(key.removeprefix('attributes.'))}"
        return Field(kind=kind, key=key)

    def comparison(self, named: Field, op: str, value: str | float | tuple[str, ...] | None) -> Comparison:
        """See `FilterSchema.comparison`."""
        if self.is_number(named):
            return FilterSchema.comparison(self, named, op, value)
        allowed = _allowed(named)
        if op not in allowed:
            raise InvalidInputError(
                f"Invalid comparator '{op}' not one of {allowed}, which the {named.kind} '{named.key}' has."
            )
        if op in NULL_OPERATORS:
            return Comparison(field=named, op=op)
        expected, found = _expected(named, op)
        if not isinstance(value, expected):
            raise InvalidInputError(f"Expected {found} for {named.kind} '{named.key}' behind {op}. Got value {value!r}")
        if named.key == "prompt" and named.kind is Kind.ATTRIBUTE and str(value).count("/") != 1:
            raise InvalidInputError(
                f"Invalid prompts filter value '{value}'. Expected format: prompt = \"name/version\""
            )
        return Comparison(field=named, op=op, value=value)

    def _entities(self) -> list[str]:
        return sorted({"attribute", "attributes", "attr", "tag", "tags", *self.entities, *_KINDS})


def _expected(named: Field, op: str) -> tuple[tuple[type, ...], str]:
    if op in LIST_OPERATORS:
        return (tuple,), "a list of quoted string values"
    if op in NUMBER_OPERATORS and op in _ORDERING and named.kind in (Kind.FEEDBACK, Kind.EXPECTATION):
        return (int, float), "a numeric value"
    return (str,), "a quoted string value"


def _allowed(named: Field) -> tuple[str, ...]:
    if named.kind is Kind.ATTRIBUTE and named.key == "prompt":
        return ("=",)
    if named.kind is Kind.SPAN and named.key == "content":
        return ("LIKE", "ILIKE")
    return _OPERATORS[named.kind]


def _check_span(key: str) -> None:
    if key == "attributes.":
        raise InvalidInputError("Span attribute name cannot be empty after 'attributes.'")
    if key not in _SPAN_KEYS and not key.startswith("attributes."):
        raise InvalidInputError(
            f"Invalid span attribute '{key}'. Supported attributes: name, status, type, attributes.<attribute_name>."
        )


def _bare(key: str) -> str:
    return key[1:-1] if len(key) >= 2 and key[0] == key[-1] and key[0] in {"`", '"'} else key
