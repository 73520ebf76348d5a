"""Adds to rows the features that they lack, by the entity keys that they carry."""

from __future__ import annotations

import logging
from threading import Lock
from typing import TYPE_CHECKING, Any

from millwright.core.errors import InvalidInputError, ServiceUnavailableError, StorageError
from millwright.data.features.feature_lookup import LOOKUP, FeatureLookup
from millwright.data.features.online.result import EXPIRED, PRESENT
from millwright.deployment.realtime.enrichment.feature_column import asked_columns
from millwright.deployment.realtime.enrichment.feature_group import feature_groups
from millwright.deployment.violation import violation_error
from millwright.models.check import EXPECTED, Violation, describe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from millwright.core.records.model import ModelVersionRecord
    from millwright.data.features.online.reader import OnlineReader
    from millwright.data.features.online.result import OnlineResult
    from millwright.data.features.view import FeatureSelection
    from millwright.deployment.realtime.enrichment.feature_group import FeatureGroup
    from millwright.deployment.realtime.enrichment.feature_source import FeatureSource
    from millwright.models.signature import Signature, SignatureColumn

logger = logging.getLogger(__name__)

_READERS = 64
_SHOWN_FEATURES = 3
_MOST_VIOLATIONS = 100


def feature_join(
    record: ModelVersionRecord, signature: Signature, source: Callable[[], FeatureSource]
) -> FeatureJoin | None:
    """The feature look-up of a version; None when it was not trained with features of a service.

    The store of features is not asked yet: a server starts, and answers rows that are complete, while it is away.

    Args:
        record: The version; its parameters say what it was trained with.
        signature: Its signature.
        source: Gives the feature store; called only where it is needed.

    Raises:
        InvalidInputError: The record cannot be read.
        NotFoundError: A definition is not there in the version that the model was trained with.
    """
    if not record.params.get(LOOKUP):
        return None
    lookup = FeatureLookup.from_json(record.params[LOOKUP])
    features = source()
    groups = feature_groups(features.recorded(lookup.definitions), set(lookup.columns), signature)
    found = {name for group in groups for name in group.names}
    changed = [name for name in lookup.columns if name not in found]
    if changed:
        logger.warning(
            "%s: %s of '%s' are of other types in its signature, and so are not looked up: requests give them",
            record.ref,
            ", ".join(changed),
            lookup.service,
        )
    if not groups:
        return None
    return FeatureJoin(
        signature,
        lookup.limited_to(found),
        groups,
        asked=asked_columns(signature, lookup, found),
        make_reader=features.reader,
    )


class FeatureJoin:
    """The feature look-up of one model version. Thread-safe.

    What a caller writes counts: a column that a row holds, be it null, is not looked up, and a row that lacks none
    needs no key and no store. Of what it lacks, each view is read for which the row holds the keys (and what an
    on-demand view wants of the request). Of an entity that the store does not know, and where a value is older than its
    view's `ttl`, the column stays absent where the signature lets it (so that its default holds), else it is null; null
    that the signature does not take is told with the reason. Keys and columns of the request that are no inputs of the
    model are taken out afterwards.

    Args:
        signature: What rows must fit afterwards.
        lookup: What the version's record says.
        groups: The features by view.
        asked: See the attribute.
        make_reader: Reads some of the views.

    Attributes:
        lookup: As given.
        asked: The columns that a caller may give: the signature's, with those that are looked up not required, then
            keys and columns of the request.
        looked_up: Rows for which features were read.
        missing: Those among them for which a view had no value that counts.
        failed: Requests that could not be answered because the store was away.
    """

    def __init__(
        self,
        signature: Signature,
        lookup: FeatureLookup,
        groups: Sequence[FeatureGroup],
        *,
        asked: tuple[SignatureColumn, ...],
        make_reader: Callable[[Sequence[FeatureSelection]], OnlineReader],
    ) -> None:
        self.lookup = lookup
        self.asked = asked
        self._groups = tuple(groups)
        inputs = {column.name: column for column in signature.inputs}
        self._inputs = inputs
        self._dropped = tuple(name for name in (*lookup.keys, *lookup.request) if name not in inputs)
        self._names = tuple(inputs)
        self._make_reader = make_reader
        self._readers: dict[tuple[int, ...], OnlineReader] = {}
        self._lock = Lock()
        self.looked_up = self.missing = self.failed = 0

    def rows(self, rows: Sequence[Any]) -> Sequence[Any]:
        """See `Enrichment.rows`."""
        wanted: dict[tuple[int, ...], list[int]] = {}
        violations: list[Violation] = []
        for number, row in enumerate(rows):
            if type(row) is dict:
                groups = tuple(place for place, group in enumerate(self._groups) if self._is_wanted(group, row))
                if groups:
                    wanted.setdefault(groups, []).append(number)
                self._refuse_keyless(number, row, groups, violations)
        if violations:
            raise violation_error(violations, rows=len(rows), columns=(*self._names, *self._dropped))
        made = [self._without_keys(row) for row in rows]
        for groups, numbers in wanted.items():
            self._join(rows, made, groups, numbers, violations)
        if violations:
            raise violation_error(sorted(violations, key=lambda one: one.row), rows=len(rows), columns=self._names)
        return made

    @staticmethod
    def _is_wanted(group: FeatureGroup, row: dict[str, Any]) -> bool:
        return any(name not in row for name in group.names) and all(name in row for name in group.needs)

    def _refuse_keyless(
        self, number: int, row: dict[str, Any], wanted: tuple[int, ...], violations: list[Violation]
    ) -> None:
        """Name the keys that a row would need for what it must have and has not."""
        if len(violations) >= _MOST_VIOLATIONS or len(wanted) == len(self._groups):
            return
        for place, group in enumerate(self._groups):
            lacking = [name for name in group.names if self._inputs[name].required and name not in row]
            if lacking and place not in wanted:
                for need in group.needs:
                    if need not in row:
                        shown = ", ".join(f"'{name}'" for name in lacking[:_SHOWN_FEATURES])
                        more = ", …" if len(lacking) > _SHOWN_FEATURES else ""
                        expected = f"a value to look up {shown}{more} by, or {shown}{more} itself"
                        violations.append(Violation(number, need, expected, "nothing: the column is missing"))

    def _without_keys(self, row: Any) -> Any:
        if type(row) is not dict:
            return row
        return {name: value for name, value in row.items() if name not in self._dropped}

    def _join(
        self,
        rows: Sequence[Any],
        made: list[Any],
        places: tuple[int, ...],
        numbers: list[int],
        violations: list[Violation],
    ) -> None:
        groups = [self._groups[place] for place in places]
        needs = tuple(dict.fromkeys(name for group in groups for name in group.needs))
        entities = [{name: rows[number][name] for name in needs} for number in numbers]
        try:
            result = self._read(places, entities)
        except InvalidInputError as error:
            if len(rows) == 1:
                raise
            raise self._placed(error, places, entities, numbers) from error
        columns, answers = result.columns, result.answers
        gone = [False] * len(numbers)
        for group in groups:
            for name in group.names:
                values, status, plain = columns[name], answers[name].status, group.plain.get(name)
                column = self._inputs[name]
                for place, number in enumerate(numbers):
                    value = values[place]
                    gone[place] = gone[place] or (value is None and status[place] != PRESENT)
                    if name in rows[number]:
                        continue
                    value = value if value is None or plain is None else plain(value)
                    if value is None and status[place] != PRESENT and not column.required:
                        continue  # what nobody knows is absent, so that the signature's default holds
                    made[number][name] = value
                    if value is None and not column.nullable and len(violations) < _MOST_VIOLATIONS:
                        found = _absent(group, rows[number], status[place])
                        violations.append(Violation(number, name, EXPECTED[column.type], found))
        with self._lock:
            self.looked_up += len(numbers)
            self.missing += sum(gone)

    def _placed(
        self, error: InvalidInputError, places: tuple[int, ...], entities: list[dict[str, Any]], numbers: list[int]
    ) -> InvalidInputError:
        """What was wrong with some rows' keys, with the number of the first such row."""
        while len(entities) > 1:
            half = len(entities) // 2
            try:
                self._read(places, entities[:half])
            except InvalidInputError as found:
                error, entities, numbers = found, entities[:half], numbers[:half]
            else:
                entities, numbers = entities[half:], numbers[half:]
        details = {**error.details, "rows": numbers}
        return InvalidInputError(f"Row {numbers[0]}: {error.message}", hint=error.hint, details=details)

    def _read(self, places: tuple[int, ...], entities: list[dict[str, Any]]) -> OnlineResult:
        try:
            reader = self._readers.get(places)
            if reader is None:
                reader = self._make_reader([self._groups[place].selection for place in places])
                if len(self._readers) < _READERS:
                    self._readers[places] = reader
            return reader.read(entities)
        except StorageError as error:
            with self._lock:
                self.failed += 1
            raise ServiceUnavailableError(
                f"The store of features cannot be reached, and rows lack what '{self.lookup.service}' has.",
                hint="Try again in a moment, or send the features with the rows.",
                details={"service": self.lookup.service},
            ) from error


def _absent(group: FeatureGroup, row: dict[str, Any], status: int) -> str:
    """Why a feature has no value, for the caller."""
    keys = [name for name in group.needs if name in row]
    entity = ", ".join(f"'{name}' {describe(row[name])}" for name in keys) or "everything"
    if status == PRESENT:
        return f"null: the newest value online, of {entity}, is null"
    if status == EXPIRED:
        return (
            f"null: the newest value online, of {entity}, is older than the view '{group.selection.view.name}' allows"
        )
    return f"null: nothing is known online of {entity}"
