"""Groups are treated more differently than they were."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from millwright.core.records.monitor import Severity
from millwright.evaluation.wording import counted
from millwright.monitoring.alarms.alarm import Alarm
from millwright.monitoring.alarms.naming import named
from millwright.monitoring.finding import AlertKind, Finding

if TYPE_CHECKING:
    from millwright.monitoring.bias import Gap
    from millwright.monitoring.comparison import Comparison
    from millwright.monitoring.settings import MonitorSettings


def _judged(comparison: Comparison, settings: MonitorSettings) -> bool:
    return comparison.rows >= settings.min_rows and any(bias.gaps for bias in comparison.bias)


def _find(comparison: Comparison, settings: MonitorSettings) -> Finding | None:
    del settings
    grown = [(bias.column, gap) for bias in comparison.bias for gap in bias.gaps if gap.grown]
    if not grown:
        return None
    grown.sort(key=lambda item: item[1].interval[0] - item[1].limit, reverse=True)
    shown = [_clause(column, gap) for column, gap in grown]
    return Finding(
        kind=AlertKind.BIAS,
        severity=Severity.WARNING,
        message=f"Over {counted(comparison.rows, 'row')}, {named(shown)}.",
        evidence={
            "gaps": [
                {**asdict(gap), "column": column, "expected": gap.reference, "found": gap.gap} for column, gap in grown
            ]
        },
    )


def _clause(column: str, gap: Gap) -> str:
    low, high = gap.interval
    return (
        f"{gap.measure.replace('_', ' ')} where {column} is {gap.high_group} lies above that where it is "
        f"{gap.low_group} by {gap.growth:.3g} more than it did ({low:.3g} to {high:.3g}, limit {gap.limit:.3g})"
    )


BIAS = Alarm(kind=AlertKind.BIAS, judged=_judged, find=_find)
