"""Questions about a range of time that are answered from summaries: whole days, and hours at the edges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import TYPE_CHECKING, Any

from millwright.core.errors import NotFoundError
from millwright.core.records.summary import SummarySpan, WindowSummaryRecord
from millwright.evaluation.wording import counted
from millwright.monitoring.drift import ColumnDrift, compare_summaries
from millwright.monitoring.live.latency import LatencyHistogram
from millwright.monitoring.live.span import LENGTHS, SpanSummary, begin_of
from millwright.monitoring.live.usual import UsualLimits
from millwright.monitoring.monitored_column import output_table
from millwright.monitoring.settings import MonitorSettings
from millwright.monitoring.window import Window, read_window
from millwright.monitoring.window_inputs import window_inputs

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from millwright.core.clock import Clock
    from millwright.monitoring.live.known import KnownVersion, KnownVersions
    from millwright.monitoring.summaries.table import TableSummary
    from millwright.storage.catalog import Stores

_LAST_AT = datetime(9999, 12, 31, tzinfo=UTC)
_FIRST_AT = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class LiveDrift:
    """A window of one version beside its reference, from counts.

    Attributes:
        model: Whose; empty when nothing was asked in the window.
        version: Likewise, 0 then.
        start: The first moment that was counted, which may lie before the one that was asked for.
        end: The last one, exclusive, which may lie behind it.
        rows: Predictions counted.
        drift: One result per column; empty without rows.
        latency: How long answers took; None for a window of the newest rows.
        left_out: Rows of other versions, as `name@version` → rows.
        notes: What a reader should know.
        caveats: Where it was judged otherwise than the settings say, and why.
    """

    endpoint: str
    model: str = ""
    version: int = 0
    start: datetime
    end: datetime
    rows: int = 0
    drift: tuple[ColumnDrift, ...] = ()
    latency: LatencyHistogram | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()

    @property
    def drifted(self) -> list[str]:
        """The columns that drifted, by name."""
        return [column.record.column for column in self.drift if column.record.drifted]

    def document(self) -> dict[str, Any]:
        """As JSON values and records, without the cells."""
        latency = self.latency
        return {
            "endpoint": self.endpoint,
            "model": self.model,
            "version": self.version,
            "start": self.start,
            "end": self.end,
            "rows": self.rows,
            "drift": [column.record for column in self.drift],
            "drifted": self.drifted,
            "latency_ms": {f"p{share}": latency.quantile(share / 100) for share in (50, 95, 99)} if latency else None,
            "left_out": dict(self.left_out),
            "notes": [*self.notes, *self.caveats],
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class HourTraffic:
    """An hour of an endpoint, all versions together unless one was asked for.

    Attributes:
        start: When the hour begins.
        rows: Predictions; only hours with some are told.
        p50_ms: The median latency, within one per cent; None when none was measured.
        p95_ms: The 95th percentile.
        p99_ms: The 99th.
    """

    start: datetime
    rows: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


class LiveQuery:
    """Drift, throughput and latency of any range of time; no row is read but for a window of the newest rows.

    Args:
        stores: Summaries, and the log for a window of the newest rows.
        known: The cells of versions.
        clock: Tells when an unbounded window ends.
        settings: How drift is decided.
    """

    def __init__(
        self, stores: Stores, known: KnownVersions, clock: Clock, settings: MonitorSettings | None = None
    ) -> None:
        self._stores = stores
        self._known = known
        self._clock = clock
        self._settings = settings or MonitorSettings()
        self._usual = UsualLimits(stores)

    def drift(self, endpoint: str, window: Window | None = None, settings: MonitorSettings | None = None) -> LiveDrift:
        """Compare a window with the reference of the version that answered.

        Args:
            endpoint: Whose.
            window: Times are widened to whole hours; `version` is that of the newest row when left out. With `last`
                the rows themselves are read and counted.
            settings: How drift is decided, in place of what the query was made with; limits from parts of the reference
                are those of parts as large as the window. A season takes the window's rows: it is left out, and the
                caveats say so.

        Raises:
            NotFoundError: The version has no reference.
        """
        chosen, judged = window or Window(), settings or self._settings
        if chosen.last is not None:
            return self._drift_of_rows(endpoint, chosen, judged)
        now = self._clock.now()
        records = self._records(endpoint, chosen)
        start, end = _covered(chosen, records, now)
        if chosen.version is not None:
            served = [record for record in records if record.version == chosen.version]
        else:
            served = records
        if not served:
            left_out = _rows_by_version(records)
            return LiveDrift(endpoint=endpoint, start=start, end=end, left_out=left_out)
        newest = max(served, key=lambda record: record.last_at)
        found = self._version(newest.model, newest.version)
        served_by = (newest.model, newest.version)
        kept = [each for each in records if (each.model, each.version) == served_by]
        summed = [SpanSummary.of(record, found.grid) for record in kept if record.grid == found.digest]
        notes = _other_cells(sum(record.rows for record in kept if record.grid != found.digest), endpoint)
        if not summed:
            return LiveDrift(endpoint=endpoint, start=start, end=end, notes=notes)
        total = reduce(SpanSummary.merge, summed)
        return LiveDrift(
            endpoint=endpoint,
            model=newest.model,
            version=newest.version,
            start=start,
            end=end,
            rows=total.rows,
            drift=self._compare(found, served_by, total, judged),
            latency=total.latency,
            left_out=_rows_by_version(
                each for each in records if (each.model, each.version) != (newest.model, newest.version)
            ),
            notes=(*notes, *_too_few(total.rows, judged)),
            caveats=_without_season(judged),
        )

    def traffic(
        self, endpoint: str, *, start: datetime, end: datetime, version: int | None = None
    ) -> list[HourTraffic]:
        """Rows and latencies of each hour that begins in [start, end) and had some, oldest first."""
        found = self._stores.summaries.list_summaries(endpoint, SummarySpan.HOUR, start=start, end=end)
        hours: dict[datetime, tuple[int, LatencyHistogram]] = {}
        for record in found:
            if version is None or record.version == version:
                rows, latency = hours.get(record.start, (0, LatencyHistogram.empty()))
                latency = latency.merge(LatencyHistogram.from_bytes(record.latency))
                hours[record.start] = rows + record.rows, latency
        return [
            HourTraffic(
                start=hour,
                rows=rows,
                p50_ms=latency.quantile(0.5),
                p95_ms=latency.quantile(0.95),
                p99_ms=latency.quantile(0.99),
            )
            for hour, (rows, latency) in sorted(hours.items())
        ]

    def _drift_of_rows(self, endpoint: str, window: Window, settings: MonitorSettings) -> LiveDrift:
        rows = read_window(self._stores.predictions, endpoint, window, now=self._clock.now())
        if not rows.rows.height:
            return LiveDrift(endpoint=endpoint, start=rows.start, end=rows.end, left_out=rows.left_out)
        found = self._version(rows.model, rows.version)
        if found.grid is None or found.signature is None:  # which `_version` has refused
            raise NotFoundError(found.reason)
        height = rows.rows.height
        table = found.grid.summarize(
            window_inputs(rows.features, found.signature, rows=height),
            output_table(rows.outputs, found.signature, rows=height),
        )
        return LiveDrift(
            endpoint=endpoint,
            model=rows.model,
            version=rows.version,
            start=rows.start,
            end=rows.end,
            rows=height,
            drift=self._judge(found, (rows.model, rows.version), table, (settings, height)),
            left_out=rows.left_out,
            notes=_too_few(height, settings),
            caveats=_without_season(settings),
        )

    def _compare(
        self, found: KnownVersion, served: tuple[str, int], total: SpanSummary, settings: MonitorSettings
    ) -> tuple[ColumnDrift, ...]:
        return () if total.table is None else self._judge(found, served, total.table, (settings, total.rows))

    def _judge(
        self, found: KnownVersion, served: tuple[str, int], table: TableSummary, how: tuple[MonitorSettings, int]
    ) -> tuple[ColumnDrift, ...]:
        if found.grid is None or found.signature is None:
            return ()
        settings, rows = how
        return tuple(compare_summaries(found.grid, table, self._usual.of(served, found.signature, settings, rows)))

    def _version(self, model: str, version: int) -> KnownVersion:
        found = self._known.find(model, version)
        if found.grid is None:
            raise NotFoundError(
                found.reason, hint="Register the model through a pipeline (mw run, mw fit), which writes a reference."
            )
        return found

    def _records(self, endpoint: str, window: Window) -> list[WindowSummaryRecord]:
        """Summaries that make up a window: days that lie in it wholly, and hours at its edges."""
        start, end = _whole_hours(window.start or _FIRST_AT, window.end or _LAST_AT)
        first_day = _next_day(start)
        last_day = begin_of(end, SummarySpan.DAY)
        if first_day >= last_day:
            return self._edge(endpoint, start, end)
        days = self._stores.summaries.list_summaries(endpoint, SummarySpan.DAY, start=first_day, end=last_day)
        return [*self._edge(endpoint, start, first_day), *days, *self._edge(endpoint, last_day, end)]

    def _edge(self, endpoint: str, start: datetime, end: datetime) -> list[WindowSummaryRecord]:
        """The hours of less than a day and its neighbour; the whole day where hours were removed since."""
        if start >= end:
            return []
        stores = self._stores.summaries
        hours = stores.list_summaries(endpoint, SummarySpan.HOUR, start=start, end=end)
        for day in sorted({begin_of(start, SummarySpan.DAY), begin_of(end - timedelta(hours=1), SummarySpan.DAY)}):
            if any(begin_of(hour.start, SummarySpan.DAY) == day for hour in hours):
                continue
            behind = day + LENGTHS[SummarySpan.DAY]
            days = stores.list_summaries(endpoint, SummarySpan.DAY, start=day, end=behind)
            if days and not stores.list_summaries(endpoint, SummarySpan.HOUR, start=day, end=behind):
                hours += days
        return hours


def _without_season(settings: MonitorSettings) -> tuple[str, ...]:
    if not settings.season.enabled:
        return ()
    return ("Held against all of the reference: the season takes rows, which mw monitor check reads.",)


def _too_few(rows: int, settings: MonitorSettings) -> tuple[str, ...]:
    needed = settings.min_rows
    return (f"Too few to decide: {rows:,} of the {counted(needed, 'row')} that it takes.",) if rows < needed else ()


def _whole_hours(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    last = begin_of(end, SummarySpan.HOUR)
    return begin_of(start, SummarySpan.HOUR), last if last == end else last + LENGTHS[SummarySpan.HOUR]


def _next_day(moment: datetime) -> datetime:
    day = begin_of(moment, SummarySpan.DAY)
    return day if day == moment else day + LENGTHS[SummarySpan.DAY]


def _covered(window: Window, records: Sequence[WindowSummaryRecord], now: datetime) -> tuple[datetime, datetime]:
    """What the summaries of a window stand for, or the window itself where it says so."""
    starts = [record.start for record in records]
    ends = [record.start + LENGTHS[record.span] for record in records]
    start, end = _whole_hours(window.start or min(starts, default=now), window.end or max(ends, default=now))
    return min([start, *starts]), max([end, *ends])


def _other_cells(rows: int, endpoint: str) -> tuple[str, ...]:
    if not rows:
        return ()
    said = f"{counted(rows, 'row')} counted while the version had no reference, or another one"
    return (f"Left out: {said}. Count again with: mw monitor backfill {endpoint} --again",)


def _rows_by_version(records: Iterable[WindowSummaryRecord]) -> dict[str, int]:
    rows: Counter[str] = Counter()
    for record in records:
        rows[f"{record.model}@{record.version}"] += record.rows
    return dict(rows)
