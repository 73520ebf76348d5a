"""What went before a window: rows per hour from the stored summaries, the newest row, and the newest label."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from millwright.core.records.summary import SummarySpan

if TYPE_CHECKING:
    import polars as pl

    from millwright.storage.base import PredictionStore
    from millwright.storage.base.summaries import SummaryStore

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_FAR_BACK = timedelta(weeks=8)


def known_hours(summaries: SummaryStore, endpoint: str, *, before: datetime) -> dict[datetime, int]:
    """Rows of each hour of eight weeks, as far as the log was folded into summaries.

    Args:
        summaries: Where they are.
        endpoint: Whose.
        before: Hours that begin earlier.

    Returns:
        The hour's beginning in UTC → rows of all versions. An hour between the first and the last that are known has 0
        when it has no summary; empty when nothing was folded.
    """
    found = summaries.count_rows(endpoint, SummarySpan.HOUR, start=before - _FAR_BACK, end=before)
    rows = {start.astimezone(UTC): count for start, count in found.items()}
    if not rows:
        return {}
    first, last = min(rows), max(rows)
    hours = (first + number * _HOUR for number in range(int((last - first) / _HOUR) + 1))
    return {hour: rows.get(hour, 0) for hour in hours}


def newest_label(labels: pl.DataFrame) -> datetime | None:
    """When the newest label was told; None without labels.

    Args:
        labels: `PredictionStore.label_table`.
    """
    if labels.is_empty():
        return None
    newest: datetime = labels["recorded_at"].max()  # type: ignore[assignment]
    return newest.astimezone(UTC)


def newest_row(predictions: PredictionStore, endpoint: str, now: datetime) -> datetime | None:
    """When the endpoint was last asked, by the ids of its log, of which no row is read; None where it never was."""
    for start in (now - 2 * _DAY, None):  # the whole log has many names
        newest = [predictions.segment_times(name)[1] for name in predictions.segments(endpoint, start=start)]
        if newest:
            return max(newest).astimezone(UTC)
    return None
