"""Summaries of what an endpoint was asked and answered, by hour and by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SummarySpan(StrEnum):
    """How much time a summary stands for; spans begin where the clock of UTC does."""

    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, kw_only=True, slots=True)
class WindowSummaryRecord:
    """What one model version was asked and answered at one endpoint within an hour or a day.

    Attributes:
        grid: The digest of the cells that columns were counted in; empty for a version without a reference, of which
            only rows and latencies are counted.
        start: When the hour or day begins.
        rows: Predictions counted, ≥ 1.
        last_at: The newest of them.
        latency: Their latencies as a histogram, in bytes.
        cells: Their columns as counts in the cells, in bytes; empty without a grid.
    """

    endpoint: str
    model: str
    version: int
    grid: str
    span: SummarySpan
    start: datetime
    rows: int
    last_at: datetime
    latency: bytes
    cells: bytes = b""


@dataclass(frozen=True, kw_only=True, slots=True)
class FoldRecord:
    """How far an endpoint's prediction log has been folded into summaries.

    Attributes:
        folds: How many changes there were.
        segments: Segments folded, each of them once.
        rows: Predictions folded.
        last_at: The newest of them.
        folded_at: When the last change was made.
    """

    endpoint: str
    folds: int
    segments: int
    rows: int
    last_at: datetime
    folded_at: datetime
