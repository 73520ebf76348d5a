"""All alarms, in the order in which reports tell their findings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from millwright.monitoring.alarms.anomalies import ANOMALIES
from millwright.monitoring.alarms.bias import BIAS
from millwright.monitoring.alarms.concept_drift import CONCEPT_DRIFT
from millwright.monitoring.alarms.drift import DRIFT
from millwright.monitoring.alarms.estimated_performance import ESTIMATED_PERFORMANCE
from millwright.monitoring.alarms.metric_anomaly import METRIC_ANOMALY
from millwright.monitoring.alarms.missing_data import MISSING_DATA
from millwright.monitoring.alarms.operations import OPERATIONS
from millwright.monitoring.alarms.performance import PERFORMANCE
from millwright.monitoring.alarms.quality import QUALITY
from millwright.monitoring.alarms.slice_performance import SLICE_PERFORMANCE

if TYPE_CHECKING:
    from millwright.monitoring.comparison import Comparison
    from millwright.monitoring.finding import AlertKind, Finding
    from millwright.monitoring.settings import MonitorSettings

ALARMS = (
    DRIFT,
    MISSING_DATA,
    *QUALITY,
    ESTIMATED_PERFORMANCE,
    PERFORMANCE,
    METRIC_ANOMALY,
    SLICE_PERFORMANCE,
    BIAS,
    OPERATIONS,
    CONCEPT_DRIFT,
    ANOMALIES,
)


def find_alarms(comparison: Comparison, settings: MonitorSettings) -> list[Finding]:
    """What of a comparison is worth an alert, of the severity that the settings give; at most one finding per kind."""
    found = [alarm.find(comparison, settings) for alarm in ALARMS if alarm.judged(comparison, settings)]
    severities = settings.severities
    return [
        replace(finding, severity=severities.get(finding.kind.value, finding.severity))
        for finding in found
        if finding is not None
    ]


def judged_kinds(comparison: Comparison, settings: MonitorSettings) -> frozenset[AlertKind]:
    """The kinds of alerts of which a comparison could tell whether there is one.

    Of the others, that nothing was found says nothing: too few rows, no labels, no limit set.
    """
    return frozenset(alarm.kind for alarm in ALARMS if alarm.judged(comparison, settings))
