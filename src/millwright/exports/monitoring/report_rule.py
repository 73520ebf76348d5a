"""Rules on what the newest report of each monitor says, with figures that show each of them to fire.

They are of the severity `info`: how much a finding matters, whether it stands long enough, and who is told, monitoring
decides itself (`MillwrightAlert` passes that on). These rules say what a report says, whatever was silenced.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from millwright.monitoring.exposition import (
    anomaly,
    bias,
    bound,
    concept,
    drift,
    missing,
    operations,
    performance,
    quality,
    slice_performance,
)
from millwright.monitoring.exposition.metric import OF_REPORT, Metric

if TYPE_CHECKING:
    from collections.abc import Mapping

SEVERITY = "info"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportRule:
    """Fires where a metric's sum is above 0.

    Attributes:
        alert: Its name.
        metric: Which one: a flag, or a count.
        by: Labels that are told apart beside endpoint and monitor.
        only: Label → the value that it is of.
        summary: What is said of it, after endpoint and monitor.
        description: What it means, and what to do.
    """

    alert: str
    metric: Metric
    summary: str
    description: str
    by: tuple[str, ...] = ()
    only: tuple[tuple[str, str], ...] = ()

    @property
    def expression(self) -> str:
        """As Prometheus reads it."""
        told = _selector(dict(self.only)) if self.only else ""
        return f"sum by ({', '.join((*OF_REPORT, *self.by))}) ({self.metric}{told}) > 0"

    @property
    def series(self) -> str:
        """A series that it looks at."""
        return f"{self.metric}{_selector(self._labels())}"

    @property
    def fires_with(self) -> dict[str, str]:
        """The labels of its alert for that series."""
        labels = self._labels()
        return {**{name: labels[name] for name in (*OF_REPORT, *self.by)}, "severity": SEVERITY}

    def _labels(self) -> Mapping[str, str]:
        return {**{name: f"some_{name}" for name in self.metric.labels}, **dict(self.only)}


def _selector(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in labels.items()) + "}"


REPORT_RULES = (
    ReportRule(
        alert="MillwrightDrift",
        metric=drift.DRIFTED,
        summary="{{ $value }} columns drifted",
        description="The columns differ from the training reference in the newest report.",
    ),
    ReportRule(
        alert="MillwrightJointDrift",
        metric=drift.JOINT_DRIFTED,
        summary="all features together have drifted",
        description="Rows of the window can be told from the reference's; mw monitor report shows by what.",
    ),
    ReportRule(
        alert="MillwrightMissingValues",
        metric=missing.RISEN,
        summary="{{ $value }} columns lack more values",
        description="Values are missing more often than in the reference; look at what sends them.",
    ),
    ReportRule(
        alert="MillwrightDataQuality",
        metric=quality.FINDINGS,
        by=("check",),
        summary="{{ $labels.check }}",
        description="A check of data quality found something; mw monitor report says which columns and rows.",
    ),
    ReportRule(
        alert="MillwrightPerformanceLost",
        metric=performance.DEGRADED,
        by=("metric",),
        summary="{{ $labels.metric }} was lost",
        description="On labelled rows the model is worse than at evaluation, beyond what is tolerated.",
    ),
    ReportRule(
        alert="MillwrightPerformanceLimit",
        metric=performance.OUTSIDE,
        by=("metric",),
        summary="{{ $labels.metric }} is beyond its limit",
        description="The metric lies beyond a limit that the project file sets.",
    ),
    ReportRule(
        alert="MillwrightSliceLost",
        metric=slice_performance.LOST,
        by=("column",),
        summary="{{ $value }} slices of {{ $labels.column }} were lost",
        description="The model is worse on a part of the rows than it was there at evaluation.",
    ),
    ReportRule(
        alert="MillwrightBias",
        metric=bias.GROWN,
        by=("column", "measure"),
        summary="groups of {{ $labels.column }} differ more in {{ $labels.measure }}",
        description="The difference between groups grew beyond what is tolerated.",
    ),
    ReportRule(
        alert="MillwrightOddRows",
        metric=anomaly.RISEN,
        summary="more rows are unlike the reference's",
        description="The report names the oddest rows, and what makes them odd.",
    ),
    ReportRule(
        alert="MillwrightConceptDrift",
        metric=concept.DETECTIONS,
        only=(("direction", "worse"),),
        summary="the model's errors rose within the window",
        description="What the model has learned no longer holds; a retraining on newer rows may mend it.",
    ),
    ReportRule(
        alert="MillwrightOperations",
        metric=operations.BROKEN,
        by=("limit",),
        summary="{{ $labels.limit }} is broken",
        description="Latency, errors, throughput or cost of the window is beyond the limit that is set.",
    ),
    ReportRule(
        alert="MillwrightSeriesLeftOut",
        metric=bound.LEFT_OUT,
        by=("family",),
        summary="{{ $value }} series of {{ $labels.family }} are not told",
        description="The report has more columns, slices or groups than are told as metrics; it holds all of them.",
    ),
)
