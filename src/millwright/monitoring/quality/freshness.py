"""How old the newest row and the newest label are. There is no age that is too old for everybody: limits are set."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from millwright.core.errors import InvalidInputError
from millwright.monitoring.finding import AlertKind
from millwright.monitoring.quality.check import Measure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.monitoring.quality.check import QualitySubject


@dataclass(frozen=True, kw_only=True, slots=True)
class Freshness:
    """Looks at the age of rows and labels; only of a window without an end, which the newest row belongs to.

    Attributes:
        max_row_age: Tolerated age of the newest row; None for any.
        max_label_age: Tolerated age of the newest label, by when it was told; None for any.

    Raises:
        InvalidInputError: An age that is not above 0.
    """

    kind: ClassVar[AlertKind] = AlertKind.FRESHNESS
    needs_rows: ClassVar[bool] = False

    max_row_age: timedelta | None = None
    max_label_age: timedelta | None = None

    def __post_init__(self) -> None:
        for age in (self.max_row_age, self.max_label_age):
            if age is not None and age <= timedelta(0):
                raise InvalidInputError(f"Expected an age above 0, found {age.total_seconds():g} seconds.")

    def measure(self, subject: QualitySubject) -> Sequence[Measure]:
        """One measure of rows, and one of labels where there are any or an age is asked for."""
        if not subject.rows.is_open:
            return []
        at = subject.rows.rows["at"]
        oldest: datetime = at.min()  # type: ignore[assignment]
        newest: datetime = at.max()  # type: ignore[assignment]
        row = _aged("row", subject.now - newest.astimezone(UTC), self.max_row_age)
        return [row, *self._label(subject.newest_label, oldest.astimezone(UTC), subject.now)]

    def ages(self, newest_row: datetime, newest_label: datetime | None, now: datetime) -> list[Measure]:
        """The same of moments that are known without a window's rows: when rows stop coming, it is empty at last."""
        return [_aged("row", now - newest_row, self.max_row_age), *self._label(newest_label, newest_row, now)]

    def _label(self, newest: datetime | None, asked_since: datetime, now: datetime) -> list[Measure]:
        if newest is not None:
            return [_aged("label", now - newest, self.max_label_age)]
        if self.max_label_age is None:
            return []
        # No label has ever come: those of the oldest row that is known have been waited for since it was answered.
        waited = _aged("label", now - asked_since, self.max_label_age)
        message = f"no label has come, though the oldest row is {_told(waited.found)} old"
        return [replace(waited, what="label_awaited_s", message=message)]


def _aged(what: str, age: timedelta, limit: timedelta | None) -> Measure:
    seconds = max(0.0, age.total_seconds())
    return Measure(
        column="",
        what=f"newest_{what}_age_s",
        expected=None if limit is None else limit.total_seconds(),
        found=seconds,
        broken=limit is not None and seconds > limit.total_seconds(),
        message=f"the newest {what} is {_told(seconds)} old",
        judged=limit is not None,
    )


def _told(seconds: float) -> str:
    for unit, length in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds:.3g} seconds"
