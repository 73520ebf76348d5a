"""Columns that appeared in the log or vanished from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from millwright.core.errors import InvalidInputError
from millwright.core.records.monitor import Severity
from millwright.models.column import ColumnType
from millwright.monitoring.finding import AlertKind
from millwright.monitoring.quality.check import Measure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.monitoring.quality.check import QualitySubject


@dataclass(frozen=True, kw_only=True, slots=True)
class SchemaChange:
    """Looks for columns that came or went.

    Attributes:
        chance: A column without a single value has vanished when its absence from all rows had at most this probability
            if values were missing as often as in the reference; above 0, below 1.

    Raises:
        InvalidInputError: A probability outside its range.
    """

    kind: ClassVar[AlertKind] = AlertKind.SCHEMA_CHANGE
    needs_rows: ClassVar[bool] = True

    chance: float = 0.001

    def __post_init__(self) -> None:
        if not 0 < self.chance < 1:
            raise InvalidInputError(f"Expected a probability above 0 and below 1, found {self.chance}.")

    def measure(self, subject: QualitySubject) -> Sequence[Measure]:
        """One measure per column that came or went."""
        return [*self._vanished(subject), *_appeared(subject)]

    def _vanished(self, subject: QualitySubject) -> list[Measure]:
        features, n = subject.rows.features, len(subject.rows)
        found = []
        for column in subject.signature.inputs:
            if column.name in features.columns and features[column.name].null_count() < n:
                continue
            missing = 0.0
            if column.type is not ColumnType.TENSOR:
                before = subject.reference[column.name]
                missing = before.null_count() / max(1, len(before))
            by_chance = missing**n
            found.append(
                Measure(
                    column=column.name,
                    what="vanished",
                    expected=f"a value in {1 - missing:.1%} of the rows",
                    found="no value",
                    broken=by_chance <= self.chance,
                    message=f"{column.name} has vanished: no row has a value",
                    p_value=by_chance,
                    details={"is_logged": column.name in features.columns},
                )
            )
        return found


def _appeared(subject: QualitySubject) -> list[Measure]:
    """Columns that the model does not take: it answers as before, so that this is worth knowing, no more."""
    known = {column.name for column in subject.signature.inputs}
    features, n = subject.rows.features, len(subject.rows)
    return [
        Measure(
            column=column.name,
            what="appeared",
            expected="no such column",
            found=f"{column.dtype}, a value in {1 - column.null_count() / n:.1%} of the rows",
            broken=True,
            message=f"{column.name} has appeared, which the model does not take",
            severity=Severity.INFO,
            examples=subject.examples(column.is_not_null()),
        )
        for column in (features[name] for name in features.columns if name not in known)
        if column.null_count() < n
    ]
