"""Whether the last whole period is like the reference: what changed for good is no season.

Rows of the past show what is usual only as long as it is right. A column that drifted for good has drifted in all parts
of the season, and after some periods nothing of its past would tell. A whole period holds every part of the season, as
the reference does; so it is compared with all of it, and a column that differs there is held against all of the
reference, whatever the season.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.evaluation.metrics.catalog import get_metric

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from millwright.monitoring.live.query import LiveQuery
    from millwright.monitoring.performance import PerformanceSettings
    from millwright.monitoring.window import Window

_FEWEST = 2  # checks with labels in the last period, that its performance is told by


def drifted_columns(query: LiveQuery, endpoint: str, window: Window, *, rows: int) -> frozenset[str] | None:
    """The columns that differ from the reference over a whole period, from summaries.

    Args:
        query: Answers from them.
        endpoint: Whose.
        window: The period, of one version; widened to whole hours.
        rows: At least so many rows are known to be in it.

    Returns:
        None where fewer rows were folded into summaries than there are.

    Raises:
        NotFoundError: The version has no reference.
    """
    found = query.drift(endpoint, window)
    return frozenset(found.drifted) if found.rows >= rows else None


def performance_held(
    earlier: Sequence[tuple[datetime, Mapping[str, float]]],
    last: tuple[datetime, datetime],
    name: str,
    reference: Mapping[str, float],
    settings: PerformanceSettings,
) -> bool:
    """Whether the checks of the last period show, on average, the performance of the reference.

    Args:
        earlier: When earlier windows of the version ended, and the metrics of each.
        last: The period, its end exclusive.
        name: The deciding metric.
        reference: Metric name → value at evaluation time.
        settings: The tolerated loss.

    Returns:
        Whether they show, on average, no more than the tolerated loss beside the evaluation, or beside the first whole
        period of the version: parts of a season may each be harder than all of them together, as they are in an
        evaluation, but two whole periods hold the same parts. False where fewer than two checks know the metric.
    """
    metric, then = get_metric(name), reference.get(name)
    known = sorted((end, metrics[name]) for end, metrics in earlier if name in metrics and end <= last[1])
    values = [value for end, value in known if end > last[0]]
    if len(values) < _FEWEST or then is None:
        return False
    now, limit = sum(values) / len(values), settings.limit(metric, then)
    if metric.gain(now, then) >= -limit:
        return True
    until = known[0][0] + (last[1] - last[0])
    first = [value for end, value in known if end < until]
    if until > last[0] or len(first) < max(_FEWEST, len(values) // 2):
        return False
    return metric.gain(now, sum(first) / len(first)) >= -limit
