"""Labels show that the answers became worse."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from millwright.core.records.monitor import Severity
from millwright.evaluation.wording import counted
from millwright.monitoring.alarms.alarm import Alarm
from millwright.monitoring.finding import AlertKind, Finding

if TYPE_CHECKING:
    from millwright.monitoring.comparison import Comparison
    from millwright.monitoring.settings import MonitorSettings


def _judged(comparison: Comparison, settings: MonitorSettings) -> bool:
    del settings
    return comparison.performance is not None and comparison.performance.gain is not None


def _find(comparison: Comparison, settings: MonitorSettings) -> Finding | None:
    del settings
    performance = comparison.performance
    if performance is None or not performance.degraded:
        return None
    name = performance.metric
    now, then = performance.metrics[name], performance.reference[name]
    labelled = counted(performance.labelled_rows, "labelled row")
    worst = _worst(comparison)
    return Finding(
        kind=AlertKind.PERFORMANCE,
        severity=Severity.CRITICAL,
        message=f"On {labelled}, {name} is {now:.4g}; at evaluation it was {then:.4g}{worst}.",
        evidence={
            "metric": name,
            "current": now,
            "reference": then,
            "gain": performance.gain,
            "gain_interval": performance.gain_interval,
            "limit": performance.limit,
            **_attribution(comparison),
        },
    )


def _worst(comparison: Comparison) -> str:
    """The part of a feature that fared worst, if one stands out."""
    loss = comparison.insights.loss
    if loss is None or not loss.features or not loss.features[0].worse:
        return ""
    first = loss.features[0]
    part = first.worse[0]
    return f"; it fared worst where {first.column} is {part.label} ({loss.name} {part.before:.3g} → {part.now:.3g})"


def _attribution(comparison: Comparison) -> dict[str, Any]:
    loss = comparison.insights.loss
    return {} if loss is None else {"attribution": asdict(loss)}


PERFORMANCE = Alarm(kind=AlertKind.PERFORMANCE, judged=_judged, find=_find)
