"""What a window is held against: the same part of the season, wherever three periods of it are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import NotFoundError
from millwright.evaluation.metrics.catalog import MAIN_METRIC
from millwright.evaluation.wording import counted
from millwright.models.signature import Signature
from millwright.monitoring.live.known import KnownVersions
from millwright.monitoring.live.query import LiveQuery
from millwright.monitoring.monitored_column import without_tensors
from millwright.monitoring.reference import Reference
from millwright.monitoring.seasonal.found import SeasonalReference
from millwright.monitoring.seasonal.log import joined, read_counted, read_periods
from millwright.monitoring.seasonal.phase import Phase, phases
from millwright.monitoring.seasonal.reference import Enough, measured, reference_season
from millwright.monitoring.seasonal.whole import drifted_columns, performance_held
from millwright.monitoring.threshold.season import PERIODS
from millwright.monitoring.window import Window, WindowRows

if TYPE_CHECKING:
    from millwright.core.clock import Clock
    from millwright.monitoring.reference import ReferencePart
    from millwright.monitoring.settings import MonitorSettings
    from millwright.storage.catalog import Stores


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SeasonSubject:
    """The window of which the season is asked.

    Attributes:
        endpoint: Whose.
        window: As it was asked for.
        rows: What it holds.
        reference: All of what the version is compared with.
        signature: Of the version.
        labels: `PredictionStore.label_table`.
        earlier: When earlier windows of the version ended, and the metrics of each.
    """

    endpoint: str
    window: Window
    rows: WindowRows
    reference: Reference
    signature: Signature
    labels: pl.DataFrame
    earlier: Sequence[tuple[datetime, Mapping[str, float]]] = ()


class SeasonFinder:
    """Finds the same part of the season: in the reference where it knows when its rows are from, else in the log.

    Args:
        stores: The prediction log, its summaries, and versions with their references.
        clock: The time.
    """

    def __init__(self, stores: Stores, clock: Clock) -> None:
        self._stores = stores
        self._clock = clock
        self._known = KnownVersions(stores)

    def find(self, subject: SeasonSubject, settings: MonitorSettings) -> SeasonalReference | None:
        """What a window is held against.

        Returns:
            None where no season is told apart, or the window has no rows. Without rows where too little is known, or
            the window holds all parts of the season; its notes say which.

        Raises:
            InvalidInputError: The reference has no such column of moments as the settings name.
        """
        if not settings.season.enabled or not len(subject.rows):
            return None
        asked, rows, now = subject.window, subject.rows, self._clock.now()
        # A window of a time reaches to its end, whenever its last row came.
        start, end = (rows.start, rows.end) if asked.start is None else (asked.start, asked.end or now)
        length = None if asked.start is None else end - start
        if settings.season.windows is not None and asked.last is not None:
            return self._counted(subject, settings)
        tried = phases(settings.season, start, end, length=length)
        parted = [phase for phase in tried if not phase.is_whole]
        if not tried:
            return _none("A period in windows takes windows of a time or of a number of rows: the window has neither.")
        if not parted:
            return SeasonalReference(name=tried[0].name)  # every part is in it, as in the reference
        found = [self._of_phase(subject, phase, settings) for phase in parted]
        return next((each for each in found if each.reference is not None), found[-1])

    def _of_phase(self, subject: SeasonSubject, phase: Phase, settings: MonitorSettings) -> SeasonalReference:
        season = settings.season
        reason: tuple[str, ...] = ()
        if season.column:
            enough = Enough(rows=settings.min_rows, labels=settings.performance.min_labels)
            found = reference_season(subject.reference, subject.signature, phase, column=season.column, enough=enough)
            if found.reference is not None:
                return found
            reason = found.notes
        rows = read_periods(
            self._stores.predictions,
            subject.endpoint,
            phase,
            version=subject.rows.version,
            periods=season.periods,
        )
        found = self._logged(subject, rows, (phase.name, phase.start - phase.period, phase.start), settings)
        return replace(found, notes=(*reason, *found.notes))

    def _counted(self, subject: SeasonSubject, settings: MonitorSettings) -> SeasonalReference:
        windows = settings.season.windows or 1
        rows = read_counted(
            self._stores.predictions,
            subject.endpoint,
            replace(subject.window, version=subject.rows.version),
            windows=windows,
            periods=settings.season.periods,
            now=self._clock.now(),
        )
        name = f"one of {windows} windows"
        start = rows[0].start if rows else subject.rows.start
        return self._logged(subject, rows, (name, start, subject.rows.start), settings)

    def _logged(
        self,
        subject: SeasonSubject,
        rows: Sequence[WindowRows],
        period: tuple[str, datetime, datetime],
        settings: MonitorSettings,
    ) -> SeasonalReference:
        """The season of some periods of the log, of which the last one lies between two moments."""
        name, start, end = period
        judged = [each for each in rows if len(each) >= settings.min_rows]
        if len(judged) < PERIODS:
            return _none(
                f"Judged without season: of the same {name}, the log has {counted(len(judged), 'period')} with "
                f"{counted(settings.min_rows, 'row')} or more of {subject.rows.model}@{subject.rows.version}; "
                f"it takes {PERIODS}.",
                name,
            )
        query = LiveQuery(self._stores, self._known, self._clock, settings)
        last = Window(start=start, end=end, version=subject.rows.version)
        try:
            held = drifted_columns(query, subject.endpoint, last, rows=len(judged[0]))
        except NotFoundError as error:
            return _none(f"Judged without season: {error}", name)
        if held is None:
            return _none(
                "Judged without season: the log of the last period is not counted, so that what changed for good "
                f"cannot be told from it. Count it: mw monitor backfill {subject.endpoint}, or run a worker (mw up).",
                name,
            )
        part = joined(judged, subject.labels, without_tensors(subject.signature))
        number = counted(len(part.part.labels), "row")
        notes = [f"Compared with {number} of the same {name} in {len(judged)} earlier periods."]
        if held:
            named = ", ".join(sorted(held))
            notes.append(f"The whole last period differs from the reference in {named}: held against all of it.")
        performance, note = _performance(subject, part.part, period, settings)
        return SeasonalReference(
            name=name,
            reference=Reference(training=part.part, held_out=part.part, metrics=subject.reference.metrics),
            performance=performance,
            source="log",
            periods=len(judged),
            rows=len(part.part.labels),
            parts=part.parts,
            held=held,
            notes=(*notes, *note),
        )


def _performance(
    subject: SeasonSubject, part: ReferencePart, period: tuple[str, datetime, datetime], settings: MonitorSettings
) -> tuple[Reference | None, list[str]]:
    name, *last = period
    task = subject.signature.task
    if task not in MAIN_METRIC:
        return None, []
    found = measured(part, subject.signature, settings.performance.min_labels)
    if found is None:
        return None, [f"Performance is judged without season: too few labels of the same {name} are known."]
    deciding = settings.performance.metric or MAIN_METRIC[task]
    usual = subject.reference.metrics
    if not performance_held(subject.earlier, (last[0], last[1]), deciding, usual, settings.performance):
        return None, [
            f"Performance is judged without season: checks of the last whole period do not show that {deciding} held."
        ]
    return found, [f"Performance is compared with the same {name}."]


def _none(note: str, name: str = "") -> SeasonalReference:
    return SeasonalReference(name=name, notes=(note,))
