"""All checks of one window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from millwright.monitoring.finding import AlertKind
from millwright.monitoring.quality.check import Measure

if TYPE_CHECKING:
    from datetime import datetime

    from millwright.monitoring.quality.check import QualitySubject
    from millwright.monitoring.quality.settings import QualitySettings


@dataclass(frozen=True, kw_only=True, slots=True)
class QualityResult:
    """What one check found.

    Attributes:
        kind: Which check.
        judged: Whether it could tell anything: the window had enough rows, and there was something to compare.
        measures: What it measured, good or bad.
    """

    kind: AlertKind
    judged: bool
    measures: tuple[Measure, ...]

    @property
    def broken(self) -> tuple[Measure, ...]:
        """What of it is worth an alert."""
        return tuple(measure for measure in self.measures if self.judged and measure.broken)


def check_silence(
    settings: QualitySettings, *, newest_row: datetime | None, newest_label: datetime | None, now: datetime
) -> tuple[QualityResult, ...]:
    """What can be told of an open window without rows: how long none has come; nothing where none ever did."""
    if newest_row is None or settings.freshness is None:
        return ()
    measures = tuple(settings.freshness.ages(newest_row, newest_label, now))
    judged = any(measure.judged for measure in measures)
    return (QualityResult(kind=settings.freshness.kind, judged=judged, measures=measures),)


def check_quality(subject: QualitySubject, settings: QualitySettings, *, min_rows: int) -> tuple[QualityResult, ...]:
    """Run the checks.

    Args:
        subject: The window beside the reference.
        settings: Which checks.
        min_rows: With fewer rows those that compare shares judge nothing; they measure all the same.
    """
    found = []
    for check in settings.checks():
        measures = tuple(check.measure(subject))
        enough = not check.needs_rows or len(subject.rows) >= min_rows
        # A check of types or columns tells nothing where all is well; one of rows an hour without limit or history.
        judged = enough and (check.needs_rows or any(measure.judged for measure in measures))
        found.append(QualityResult(kind=check.kind, judged=judged, measures=measures))
    return tuple(found)
