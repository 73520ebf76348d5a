"""The full report of one check, as JSON values."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
        JSON values: the header, `drift` (per column: scores, decision, cells), `missing`, `performance`, `findings`,
        `notes`, `settings`.
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
        "missing": [asdict(share) for share in comparison.missing],
        "performance": None if performance is None else asdict(performance),
        "findings": [
            {"kind": finding.kind.value, "severity": finding.severity.value, "message": finding.message}
            for finding in findings
        ],
        "notes": list(comparison.notes),
        "settings": asdict(settings),
    }
