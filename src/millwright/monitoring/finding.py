"""What of a comparison is worth an alert."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from millwright.core.records.monitor import Severity
from millwright.evaluation.wording import counted

if TYPE_CHECKING:
    from millwright.monitoring.comparison import Comparison
    from millwright.monitoring.drift import ColumnDrift
    from millwright.monitoring.performance import Performance
    from millwright.monitoring.settings import MonitorSettings

_NAMED = 5  # columns that a message names


class AlertKind(StrEnum):
    """What an alert is about."""

    DRIFT = "drift"  # features or answers differ from the reference
    PERFORMANCE = "performance"  # labels show that the answers became worse
    MISSING_DATA = "missing_data"  # values are missing more often than they were


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """Something worth an alert, not raised yet.

    Attributes:
        message: One sentence for people.
        evidence: JSON values.
    """

    kind: AlertKind
    severity: Severity
    message: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


def find_alarms(comparison: Comparison, settings: MonitorSettings) -> list[Finding]:
    """What of a comparison is worth an alert; at most one finding per kind."""
    found = []
    if comparison.rows >= settings.min_rows:
        found += [_drift(comparison, settings), _missing(comparison)]
    found.append(_performance(comparison.performance))
    return [finding for finding in found if finding is not None]


def _drift(comparison: Comparison, settings: MonitorSettings) -> Finding | None:
    features = [drift for drift in comparison.drift if not drift.output]
    drifted = sorted((d for d in comparison.drift if d.record.drifted), key=_excess, reverse=True)
    inputs = [d for d in drifted if not d.output]
    outputs = [d for d in drifted if d.output]
    share = len(inputs) / len(features) if features else 0.0
    if not outputs and (not inputs or share < settings.drift_share):
        return None
    parts = []
    if inputs:
        parts.append(f"{len(inputs)} of {len(features)} features drifted ({_named(inputs)})")
    if outputs:
        parts.append(f"the model's answers drifted ({_named(outputs)})")
    evidence = {
        "columns": {
            d.record.column: {
                "statistic": d.record.statistic,
                "score": d.record.scores[d.record.statistic],
                "threshold": d.record.threshold,
                "p_value": d.record.p_value,
                "output": d.output,
            }
            for d in drifted
        },
        "share": share,
        "rows": comparison.rows,
    }
    return Finding(
        kind=AlertKind.DRIFT,
        severity=Severity.WARNING,
        message=f"Over {counted(comparison.rows, 'row')}, {' and '.join(parts)}.",
        evidence=evidence,
    )


def _missing(comparison: Comparison) -> Finding | None:
    risen = sorted((share for share in comparison.missing if share.risen), key=lambda s: s.reference - s.current)
    if not risen:
        return None
    named = ", ".join(f"{s.column} {s.reference:.0%} → {s.current:.0%}" for s in risen[:_NAMED])
    return Finding(
        kind=AlertKind.MISSING_DATA,
        severity=Severity.WARNING,
        message=f"Over {counted(comparison.rows, 'row')}, values are missing more often: {named}{_more(len(risen))}.",
        evidence={"columns": {s.column: {"reference": s.reference, "current": s.current} for s in risen}},
    )


def _performance(performance: Performance | None) -> Finding | None:
    if performance is None or not performance.degraded:
        return None
    name = performance.metric
    now, then = performance.metrics[name], performance.reference[name]
    labelled = counted(performance.labelled_rows, "labelled row")
    return Finding(
        kind=AlertKind.PERFORMANCE,
        severity=Severity.CRITICAL,
        message=f"On {labelled}, {name} is {now:.4g}; at evaluation it was {then:.4g}.",
        evidence={
            "metric": name,
            "current": now,
            "reference": then,
            "gain": performance.gain,
            "gain_interval": performance.gain_interval,
            "limit": performance.limit,
        },
    )


def _excess(drift: ColumnDrift) -> float:
    return drift.record.scores[drift.record.statistic] / drift.record.threshold


def _named(drifted: list[ColumnDrift]) -> str:
    shown = [f"{d.record.column} {d.record.statistic} {d.record.scores[d.record.statistic]:.2f}" for d in drifted]
    return ", ".join(shown[:_NAMED]) + _more(len(drifted))


def _more(count: int) -> str:
    return f" and {count - _NAMED} more" if count > _NAMED else ""
