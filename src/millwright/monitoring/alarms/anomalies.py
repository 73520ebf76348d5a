"""More rows are unlike the reference's than should be.

Where the features have drifted, the drift is told and not that its rows are odd: that would be the same alert twice.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from millwright.core.records.monitor import Severity
from millwright.evaluation.wording import counted
from millwright.monitoring.alarms.alarm import Alarm
from millwright.monitoring.alarms.drift import DRIFT
from millwright.monitoring.alarms.naming import named
from millwright.monitoring.finding import AlertKind, Finding

if TYPE_CHECKING:
    from millwright.monitoring.comparison import Comparison
    from millwright.monitoring.settings import MonitorSettings


def _judged(comparison: Comparison, settings: MonitorSettings) -> bool:
    enough = comparison.rows >= settings.min_rows and comparison.insights.anomalies is not None
    return enough and DRIFT.find(comparison, settings) is None


def _find(comparison: Comparison, settings: MonitorSettings) -> Finding | None:
    del settings
    found = comparison.insights.anomalies
    if found is None or not found.risen:
        return None
    features = Counter(row.features[0].name for row in found.examples if row.features)
    odd = f", most for {named([name for name, _ in features.most_common()])}" if features else ""
    return Finding(
        kind=AlertKind.ANOMALIES,
        severity=Severity.WARNING,
        message=f"Of {counted(found.rows[1], 'row')}, {100 * found.share:.3g}% are unlike the reference's{odd}; "
        f"at most {100 * found.limit:.3g}% should be.",
        evidence={
            "expected": found.expected,
            "found": found.share,
            "limit": found.limit,
            "p_value": found.p_value,
            "columns": dict(features),
            "ids": [row.prediction_id for row in found.examples],
        },
    )


ANOMALIES = Alarm(kind=AlertKind.ANOMALIES, judged=_judged, find=_find)
