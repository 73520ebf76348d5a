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
    from millwright.monitoring.performance import Performance
    from millwright.monitoring.settings import MonitorSettings
    from millwright.monitoring.threshold import Judgement


def _judged(comparison: Comparison, settings: MonitorSettings) -> bool:
    del settings
    performance = comparison.performance
    return performance is not None and (performance.gain is not None or bool(performance.judged))


def _find(comparison: Comparison, settings: MonitorSettings) -> Finding | None:
    del settings
    performance = comparison.performance
    if performance is None or not (performance.degraded or performance.broken):
        return None
    parts = [_lost(performance, comparison)] if performance.degraded else []
    parts += [_beyond(name, found, performance) for name, found in performance.broken.items()]
    return Finding(
        kind=AlertKind.PERFORMANCE,
        severity=Severity.CRITICAL,
        message=f"On {counted(performance.labelled_rows, 'labelled row')}, {'; '.join(parts)}.",
        evidence={
            **(_loss(performance) if performance.degraded else {}),
            **({"limits": {name: asdict(found) for name, found in performance.broken.items()}}
               if performance.broken else {}),
            **_attribution(comparison),
        },
    )  # fmt: skip


def _lost(performance: Performance, comparison: Comparison) -> str:
    name = performance.metric
    now, then = performance.metrics[name], performance.reference[name]
    return f"{name} is {now:.4g}; {comparison.reference_time} it was {then:.4g}{_worst(comparison)}"


def _beyond(name: str, found: Judgement, performance: Performance) -> str:
    interval = performance.intervals.get(name)
    between = f" ({interval[0]:.4g} to {interval[1]:.4g})" if interval else ""
    limit = found.high if found.outside == "above" else found.low
    return f"{name} is {found.value:.4g}{between}, {found.outside} its limit of {limit:.4g}"


def _loss(performance: Performance) -> dict[str, Any]:
    name = performance.metric
    return {
        "metric": name,
        "current": performance.metrics[name],
        "reference": performance.reference[name],
        "gain": performance.gain,
        "gain_interval": performance.gain_interval,
        "limit": performance.limit,
    }


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
