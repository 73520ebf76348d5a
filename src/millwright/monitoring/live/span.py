"""What one version was asked and answered in some time, as counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from millwright.core.records.summary import SummarySpan, WindowSummaryRecord
from millwright.monitoring.live.latency import LatencyHistogram
from millwright.monitoring.summaries.table import TableSummary

if TYPE_CHECKING:
    from millwright.monitoring.summaries.table import TableGrid

LENGTHS = {SummarySpan.HOUR: timedelta(hours=1), SummarySpan.DAY: timedelta(days=1)}


def begin_of(moment: datetime, span: SummarySpan) -> datetime:
    """When the hour or day of a moment begins; in UTC for a moment in UTC."""
    hour = moment.replace(minute=0, second=0, microsecond=0)
    return hour.replace(hour=0) if span is SummarySpan.DAY else hour


@dataclass(frozen=True, kw_only=True, slots=True)
class SpanKey:
    """Whose summary, of which time.

    Attributes:
        grid: The digest of the version's cells; empty without.
        start: When the hour or day begins.
    """

    endpoint: str
    model: str
    version: int
    grid: str
    span: SummarySpan
    start: datetime

    @classmethod
    def of(cls, record: WindowSummaryRecord) -> SpanKey:
        """That of a stored summary."""
        return cls(
            endpoint=record.endpoint,
            model=record.model,
            version=record.version,
            grid=record.grid,
            span=record.span,
            start=record.start,
        )


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SpanSummary:
    """Rows of one version; two of the same cells merge into that of both.

    Attributes:
        rows: How many, ≥ 1.
        last_at: The newest.
        latency: How long answers took.
        table: Columns counted in the version's cells; None without a reference.
    """

    rows: int
    last_at: datetime
    latency: LatencyHistogram
    table: TableSummary | None = None

    def merge(self, other: SpanSummary) -> SpanSummary:
        """The summary of both; in whichever order, but for the last digits of sums."""
        both = self.table is not None and other.table is not None
        return SpanSummary(
            rows=self.rows + other.rows,
            last_at=max(self.last_at, other.last_at),
            latency=self.latency.merge(other.latency),
            table=self.table.merge(other.table) if both else None,  # type: ignore[union-attr, arg-type]
        )

    def to_record(self, key: SpanKey) -> WindowSummaryRecord:
        """As it is stored."""
        return WindowSummaryRecord(
            endpoint=key.endpoint,
            model=key.model,
            version=key.version,
            grid=key.grid,
            span=key.span,
            start=key.start,
            rows=self.rows,
            last_at=self.last_at,
            latency=self.latency.to_bytes(),
            cells=self.table.to_bytes() if self.table is not None else b"",
        )

    @classmethod
    def of(cls, record: WindowSummaryRecord, grid: TableGrid | None) -> SpanSummary:
        """A stored one.

        Args:
            record: As it is stored.
            grid: The cells that its columns were counted in; without, they are left out.

        Raises:
            InvalidInputError: They were counted in others.
            IntegrityError: The bytes are something else.
        """
        return cls(
            rows=record.rows,
            last_at=record.last_at,
            latency=LatencyHistogram.from_bytes(record.latency),
            table=TableSummary.from_bytes(record.cells, grid) if grid is not None and record.grid else None,
        )
