"""All figures: what a report tells, family by family, and what is told of endpoints."""

from __future__ import annotations

from millwright.monitoring.exposition.anomaly import ANOMALIES
from millwright.monitoring.exposition.attribution import ATTRIBUTION
from millwright.monitoring.exposition.bias import BIAS
from millwright.monitoring.exposition.bound import LEFT_OUT
from millwright.monitoring.exposition.check import CHECK
from millwright.monitoring.exposition.concept import CONCEPT
from millwright.monitoring.exposition.drift import DRIFT
from millwright.monitoring.exposition.metric import PREFIX, Metric
from millwright.monitoring.exposition.missing import MISSING
from millwright.monitoring.exposition.operations import OPERATIONS
from millwright.monitoring.exposition.performance import PERFORMANCE
from millwright.monitoring.exposition.quality import QUALITY
from millwright.monitoring.exposition.slice_performance import SLICES

FAMILIES = (
    CHECK, DRIFT, MISSING, QUALITY, PERFORMANCE, SLICES, BIAS, ANOMALIES, CONCEPT, OPERATIONS, ATTRIBUTION,
)  # fmt: skip

LAG = Metric(
    f"{PREFIX}lag_seconds",
    "Seconds since the oldest prediction that live monitoring has not counted; 0 for none.",
    ("endpoint",),
)
ALERTS = Metric(
    f"{PREFIX}alerts_open", "Alerts that are not resolved.", ("endpoint", "monitor", "kind", "severity", "state")
)
ALL = (*(metric for family in FAMILIES for metric in family.metrics), LEFT_OUT, LAG, ALERTS)
