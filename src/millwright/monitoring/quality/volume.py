"""Rows per hour, against what was usual at that hour of the week, or against a setting.

An hour is unusual when it is less than half or more than twice the median of the same hour in earlier weeks, and
further from it than `deviations` spreads. The spread is the median absolute deviation as a standard deviation, but at
least that of a Poisson count and a tenth of the median: three weeks of history alone would tell too small a one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.monitoring.finding import AlertKind
from millwright.monitoring.quality.check import Measure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.monitoring.quality.check import QualitySubject

_HOUR = timedelta(hours=1)
_WEEK = timedelta(weeks=1)
_AS_DEVIATION = 1.4826  # a median absolute deviation of a normal distribution in standard deviations
_LEAST_SPREAD = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Volume:
    """Looks at rows per hour.

    Attributes:
        min_per_hour: Fewest rows an hour over the whole hours of the window; None for no such limit.
        max_per_hour: Most of them; None likewise.
        weeks: How many earlier weeks must have that hour before it is judged by history, ≥ 3.
        hours: So many of the newest whole hours are judged by history.
        unusual_hours: So many of them must be unusual in the same direction.
        deviations: Spreads from the median.

    Raises:
        InvalidInputError: A number outside its range.
    """

    kind: ClassVar[AlertKind] = AlertKind.VOLUME
    needs_rows: ClassVar[bool] = False

    min_per_hour: float | None = None
    max_per_hour: float | None = None
    weeks: int = 3
    hours: int = 24
    unusual_hours: int = 2
    deviations: float = 6.0

    def __post_init__(self) -> None:
        if self.weeks < 3 or not 1 <= self.unusual_hours <= self.hours:
            raise InvalidInputError(
                "Expected at least 3 weeks of history, and at least 1 unusual hour among those that are judged, "
                f"found {self.weeks} weeks and {self.unusual_hours} of {self.hours} hours."
            )

    def measure(self, subject: QualitySubject) -> Sequence[Measure]:
        """Rows per hour of the window's whole hours; none when it has no whole hour."""
        counts = _whole_hours(subject)
        if not counts:
            return []
        mean = sum(counts.values()) / len(counts)
        found = [self._limited(mean, len(counts))]
        usual = self._usual(counts, {**subject.hours, **counts})
        return [*found, usual] if usual is not None else found

    def _limited(self, mean: float, hours: int) -> Measure:
        low, high = self.min_per_hour, self.max_per_hour
        asked = ""
        if low is not None and mean < low:
            asked = f"; at least {low:,.4g} are expected"
        elif high is not None and mean > high:
            asked = f"; at most {high:,.4g} are expected"
        return Measure(
            column="",
            what="rows_per_hour",
            expected={"min": low, "max": high},
            found=mean,
            broken=bool(asked),
            message=f"{mean:,.4g} rows an hour over {hours} hours{asked}",
            judged=low is not None or high is not None,
            details={"hours": hours},
        )

    def _usual(self, counts: Mapping[datetime, int], known: Mapping[datetime, int]) -> Measure | None:
        judged = 0
        odd: dict[str, list[tuple[datetime, int, float]]] = {"fewer": [], "more": []}
        for hour in sorted(counts)[-self.hours :]:
            earlier = [known[at] for at in _same_hours(hour, known)]
            if len(earlier) < self.weeks:
                continue
            judged += 1
            median = float(np.median(earlier))
            direction = self._direction(counts[hour], median, np.array(earlier))
            if direction:
                odd[direction].append((hour, counts[hour], median))
        if not judged:
            return None
        direction, hours = max(odd.items(), key=lambda item: len(item[1]))
        shown = "".join(f"; at {hours[-1][0]:%a %H:%M} {hours[-1][1]} for {hours[-1][2]:.4g}" if hours else "")
        return Measure(
            column="",
            what="usual_hours",
            expected={hour.isoformat(): median for hour, _, median in hours},
            found={hour.isoformat(): count for hour, count, _ in hours},
            broken=len(hours) >= min(self.unusual_hours, judged),
            message=f"{len(hours)} of {judged} hours have {direction} rows than usual at that hour of the week{shown}",
            details={"judged_hours": judged, "direction": direction if hours else None},
        )

    def _direction(self, count: int, median: float, earlier: np.ndarray[tuple[int], np.dtype[np.int64]]) -> str:
        spread = _AS_DEVIATION * float(np.median(np.abs(earlier - median)))
        spread = max(spread, median**0.5, _LEAST_SPREAD * median, 1.0)
        if abs(count - median) <= self.deviations * spread:
            return ""
        if count < median / 2:
            return "fewer"
        return "more" if count > 2 * median else ""


def _whole_hours(subject: QualitySubject) -> dict[datetime, int]:
    """Rows of each whole hour between the window's ends, also of hours without rows."""
    rows = subject.rows
    counted = rows.rows.select(["at"]).group_by(pl.col("at").dt.truncate("1h").alias("hour")).len()
    seen = {hour.astimezone(subject.now.tzinfo): count for hour, count in counted.iter_rows()}
    first = rows.start.replace(minute=0, second=0, microsecond=0)
    first = first if first == rows.start else first + _HOUR
    last = (subject.now if rows.is_open else min(rows.end, subject.now)).replace(minute=0, second=0, microsecond=0)
    length = int((last - first) / _HOUR)
    return {hour: seen.get(hour, 0) for hour in (first + number * _HOUR for number in range(max(0, length)))}


def _same_hours(hour: datetime, known: Mapping[datetime, int]) -> list[datetime]:
    """The same hour of the earlier weeks that are known; at most a year of them."""
    return [at for at in (hour - number * _WEEK for number in range(1, 53)) if at in known]
