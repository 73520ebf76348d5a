"""Features or answers differ from the reference."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from millwright.core.records.monitor import Severity
from millwright.evaluation.wording import counted
from millwright.monitoring.alarms.alarm import Alarm
from millwright.monitoring.alarms.naming import joined, named
from millwright.monitoring.finding import AlertKind, Finding

if TYPE_CHECKING:
    from millwright.monitoring.comparison import Comparison
    from millwright.monitoring.drift import ColumnDrift
    from millwright.monitoring.settings import MonitorSettings


def _judged(comparison: Comparison, settings: MonitorSettings) -> bool:
    return comparison.rows >= settings.min_rows


def _find(comparison: Comparison, settings: MonitorSettings) -> Finding | None:
    features = [drift for drift in comparison.drift if not drift.output]
    drifted = sorted((d for d in comparison.drift if d.record.drifted), key=_excess, reverse=True)
    inputs = [d for d in drifted if not d.output]
    outputs = [d for d in drifted if d.output]
    share = len(inputs) / len(features) if features else 0.0
    joint = comparison.joint if comparison.joint and comparison.joint.drifted else None
    if not outputs and not joint and (not inputs or share < settings.drift_share):
        return None
    parts = []
    if inputs:
        parts.append(f"{len(inputs)} of {len(features)} features drifted{_explained(comparison, inputs)}")
    if outputs:
        parts.append(f"the model's answers drifted ({named(_scores(outputs))})")
    if joint:
        parts.append(f"rows can be told from the reference by all features together (ROC AUC {joint.auc:.2f})")
    return Finding(
        kind=AlertKind.DRIFT,
        severity=Severity.WARNING,
        message=f"Over {counted(comparison.rows, 'row')}, {joined(parts)}{comparison.season_clause}.",
        evidence={
            **({"season": comparison.season.to_json()} if comparison.season is not None else {}),
            "columns": {d.record.column: _evidence(d) for d in drifted},
            "share": share,
            "rows": comparison.rows,
            **({"joint_auc": joint.auc} if joint else {}),
            **({"attribution": [asdict(each) for each in comparison.insights.drift]} if inputs else {}),
        },
    )


def _explained(comparison: Comparison, inputs: list[ColumnDrift]) -> str:
    """The features by how much their drift matters, where that is known; else by how far they are beyond limits."""
    shares = comparison.insights.drift
    if not shares or any(share.importance is None for share in shares):
        return f" ({named(_scores(inputs))})"
    left = len(inputs) - len(shares)
    return f": {named([str(share) for share in shares])}" + (f" and {left} more" if left > 0 else "")


def _evidence(drift: ColumnDrift) -> dict[str, Any]:
    record = drift.record
    return {
        "statistic": record.statistic,
        "score": record.scores[record.statistic],
        "threshold": record.threshold,
        "p_value": record.p_value,
        **({} if record.missing_p_value is None else {"missing_p_value": record.missing_p_value}),
        "output": drift.output,
    }


def _excess(drift: ColumnDrift) -> float:
    return drift.record.scores[drift.record.statistic] / drift.record.threshold


def _scores(drifted: list[ColumnDrift]) -> list[str]:
    return [f"{d.record.column} {d.record.statistic} {d.record.scores[d.record.statistic]:.2f}" for d in drifted]


DRIFT = Alarm(kind=AlertKind.DRIFT, judged=_judged, find=_find)
