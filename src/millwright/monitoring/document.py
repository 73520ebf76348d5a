"""The full report of one check, as JSON values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.monitoring.comparison import Comparison
    from millwright.monitoring.finding import Finding
    from millwright.monitoring.settings import MonitorSettings

FORMAT = 1
_UNSEEN = 20  # new categories kept per column


def report_document(
    comparison: Comparison, findings: Sequence[Finding], settings: MonitorSettings, header: Mapping[str, Any]
) -> dict[str, Any]:
    """The full report.

    Args:
        comparison: What was found.
        findings: What of it was worth an alert, raised or standing already.
        settings: How it was judged.
        header: Endpoint, model, window; JSON values.

    Returns:
        JSON values: the header, `drift` (per column: scores, decision, cells), `joint`, `missing`, `quality` (per
        check: what it measured), `performance`, `past` (its metric beside earlier checks), `past_metrics` (others
        likewise), `season` (the part of it that was compared with), `coverage` (share of labelled rows), `slices`,
        `estimated`, `bias` (per column: groups and gaps), `operations`, `anomalies`, `concept`, `attribution` (of
        drift and loss), `findings`, `notes`, `settings`. Durations are in seconds; what is not finite is null.
    """
    performance = comparison.performance
    return {
        "format": FORMAT,
        **header,
        "rows": comparison.rows,
        "drift": [
            {
                **asdict(drift.record),
                "output": drift.output,
                "cells": {
                    "labels": list(drift.bins.labels),
                    "reference": drift.bins.reference.tolist(),
                    "current": drift.bins.current.tolist(),
                },
                "unseen": dict(list(drift.unseen.items())[:_UNSEEN]),
            }
            for drift in comparison.drift
        ],
        "joint": None if comparison.joint is None else asdict(comparison.joint),
        "missing": [asdict(share) for share in comparison.missing],
        "quality": json_values(
            [
                {"check": each.kind.value, "judged": each.judged, "measures": [asdict(m) for m in each.measures]}
                for each in comparison.quality
            ]
        ),
        "performance": None if performance is None else asdict(performance),
        "coverage": comparison.coverage,
        "past": None if comparison.past is None else json_values(asdict(comparison.past)),
        "past_metrics": json_values({name: asdict(past) for name, past in comparison.past_metrics.items()}),
        "season": None if comparison.season is None else comparison.season.to_json(),
        "slices": json_values([asdict(part) | {"coverage": part.coverage} for part in comparison.slices]),
        "estimated": None if comparison.estimated is None else asdict(comparison.estimated),
        "bias": json_values([asdict(bias) for bias in comparison.bias]),
        "operations": _operations(comparison),
        **json_values(comparison.insights.to_json()),
        "findings": [
            {"kind": finding.kind.value, "severity": finding.severity.value, "message": finding.message}
            for finding in findings
        ],
        "notes": list(comparison.notes),
        "settings": json_values(asdict(settings)),
    }


def _operations(comparison: Comparison) -> dict[str, Any] | None:
    found = comparison.operations
    if found is None:
        return None
    rate = found.rows_per_second
    derived = {
        "rows_per_hour": None if rate is None else 3600 * rate,
        "cost_per_prediction": found.cost_per_prediction,
    }
    values: dict[str, Any] = json_values(asdict(found) | derived)
    return values


def json_values(value: Any) -> Any:
    """Records' fields as JSON values: durations in seconds, moments in ISO 8601, null for what is not finite."""
    if isinstance(value, Mapping):
        return {str(name): json_values(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [json_values(each) for each in value]
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, datetime):
        return value.isoformat()
    return None if isinstance(value, float) and not math.isfinite(value) else value
