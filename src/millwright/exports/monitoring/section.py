"""What a dashboard shows of monitoring, in the order in which a person asks: how is it, what changed, who is hurt.

Every figure that is told has its place here; a new one that has none fails the tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.exports.monitoring.panel import Panel, Section
from millwright.monitoring.exposition import (
    anomaly,
    attribution,
    bias,
    bound,
    catalog,
    check,
    concept,
    drift,
    missing,
    operations,
    performance,
    quality,
    slice_performance,
)

if TYPE_CHECKING:
    from millwright.monitoring.exposition.metric import Metric

_ENDPOINT = 'endpoint=~"$endpoint"'
_OF = f'{_ENDPOINT},monitor=~"$monitor"'
_METRIC = 'metric=~"$metric"'
_RATE = "sum by (route) (rate(millwright_requests_total[$__rate_interval]))"
_BUCKET = "sum by (le) (rate(millwright_request_duration_seconds_bucket[$__rate_interval]))"


def _line(metric: Metric, said: str = "", *, where: str = _OF) -> tuple[str, str]:
    """A metric as it is, its lines called by their labels and what is said of it."""
    labels = " ".join(f"{{{{{name}}}}}" for name in metric.labels)
    return f"{metric}{{{where}}}", f"{labels}{', ' if said else ''}{said}"


def _ago(metric: Metric, said: str = "") -> tuple[str, str]:
    query, legend = _line(metric, said)
    return f"time() - {query}", legend


_OVERVIEW = Section(
    title="At a glance",
    panels=(
        Panel(
            title="Open alerts", kind="stat", width=6,
            queries=((f"sum({catalog.ALERTS}{{{_OF}}}) or vector(0)", "open"),),
        ),
        Panel(title="Drifted columns", kind="stat", width=6, queries=((f"sum({drift.DRIFTED}{{{_OF}}})", "drifted"),)),
        Panel(
            title="Rows with a label", kind="stat", width=6, unit="percentunit",
            queries=((f"avg({check.COVERAGE}{{{_OF}}})", "coverage"),),
        ),
        Panel(
            title="Last check", kind="stat", width=6, unit="s",
            queries=((f"time() - max({check.CHECKED}{{{_OF}}})", "ago"),),
        ),
        Panel(
            title="Alerts", kind="table",
            queries=((f"sum by (endpoint, monitor, kind, severity, state) ({catalog.ALERTS}{{{_OF}}})", ""),),
        ),
        Panel(
            title="Findings of the newest reports", kind="table",
            queries=((f"sum by (endpoint, monitor, kind, severity) ({check.FINDINGS}{{{_OF}}})", ""),),
        ),
        Panel(title="Versions that answer", kind="table", queries=(_line(check.MODEL),)),
        Panel(title="Rows of the newest window", queries=(_line(check.ROWS), _line(check.LEFT_OUT, "left out"))),
        Panel(
            title="Age of the newest window", unit="s",
            queries=(_ago(check.START, "since it began"), _ago(check.END, "since it ended")),
        ),
        Panel(
            title="Season", about="What the window was held against.",
            queries=(_line(check.SEASON_ROWS, "rows"), _line(check.SEASON_PERIODS, "periods")),
        ),
        Panel(
            title="Predictions that wait to be counted", unit="s", queries=(_line(catalog.LAG, where=_ENDPOINT),)
        ),
        Panel(
            title="Series that are not told", queries=(_line(bound.LEFT_OUT),),
            about=f"Of each metric and report the first {bound.MOST} are told, what matters most first.",
        ),
    ),
)  # fmt: skip

_DRIFT = Section(
    title="Drift",
    panels=(
        Panel(
            title="Drift beside its limit", about="1 is the limit of the column's deciding statistic.",
            queries=((f"{drift.SCORE}{{{_OF}}} / {drift.LIMIT}{{{_OF}}}", _line(drift.SCORE)[1]),),
        ),
        Panel(title="p-values of drift", queries=(_line(drift.P_VALUE),)),
        Panel(
            title="All features together", about="0.5: the window cannot be told from the reference; 1: every row can.",
            queries=(
                _line(drift.JOINT_AUC), _line(drift.JOINT_AUC_LOW, "from"), _line(drift.JOINT_AUC_HIGH, "to"),
                _line(drift.JOINT_AUC_LIMIT, "limit"), _line(drift.JOINT_DRIFTED, "drifted"),
            ),
        ),
        Panel(title="Embeddings", queries=(_line(drift.EMBEDDING_SCORE),)),
        Panel(
            title="What explains the drift", unit="percentunit",
            queries=(_line(attribution.DRIFT_SHARE), _line(attribution.IMPORTANCE, "importance")),
        ),
        Panel(
            title="Odd rows", unit="percentunit",
            queries=(
                _line(anomaly.SHARE), _line(anomaly.EXPECTED, "expected"), _line(anomaly.LIMIT, "limit"),
                _line(anomaly.RISEN, "risen"),
            ),
        ),
    ),
)  # fmt: skip

_QUALITY = Section(
    title="Data quality",
    panels=(
        Panel(title="Findings by check", queries=(_line(quality.FINDINGS),)),
        Panel(
            title="Missing values", unit="percentunit",
            queries=(
                _line(missing.SHARE), _line(missing.REFERENCE, "reference"), _line(missing.LIMIT, "tolerated rise"),
            ),
        ),
        Panel(title="Columns with more missing values", kind="table", queries=((f"{missing.RISEN}{{{_OF}}} > 0", ""),)),
        Panel(
            title="Values of another type, out of range, or new", unit="percentunit",
            queries=(
                _line(quality.TYPE_CHANGE), _line(quality.OUT_OF_RANGE), _line(quality.NEW_CATEGORY, "new"),
                _line(quality.NEW_CATEGORY_EXPECTED, "new, expected"),
            ),
        ),
        Panel(title="Limits of ranges", kind="table", queries=(_line(quality.RANGE_LIMIT),)),
        Panel(title="Columns that came or went", queries=(_line(quality.SCHEMA_CHANGES),)),
        Panel(
            title="Duplicates", unit="percentunit",
            queries=(_line(quality.DUPLICATE), _line(quality.DUPLICATE_REFERENCE, "reference")),
        ),
        Panel(
            title="Volume, rows a second",
            queries=(
                _line(quality.VOLUME), _line(quality.VOLUME_LOW, "at least"), _line(quality.VOLUME_HIGH, "at most"),
                _line(quality.UNUSUAL_HOURS, "unusual hours"),
            ),
        ),
        Panel(
            title="Age of the newest rows and labels", unit="s",
            queries=(_ago(quality.NEWEST), _line(quality.AGE_LIMIT, "limit")),
        ),
    ),
)  # fmt: skip

_PERFORMANCE = Section(
    title="Performance",
    panels=(
        Panel(
            title="Performance", about="Realised on labels, estimated without them, and at evaluation.",
            queries=(_line(performance.VALUE, where=f"{_OF},{_METRIC}"),),
        ),
        Panel(
            title="Intervals of performance",
            queries=(
                _line(performance.LOW, "from", where=f"{_OF},{_METRIC}"),
                _line(performance.HIGH, "to", where=f"{_OF},{_METRIC}"),
            ),
        ),
        Panel(
            title="Loss against evaluation",
            queries=(
                _line(performance.LOSS), _line(performance.LOSS_LOW, "from"), _line(performance.LOSS_HIGH, "to"),
                _line(performance.LOSS_LIMIT, "tolerated"), _line(performance.DEGRADED, "lost"),
            ),
        ),
        Panel(
            title="Limits that are set", queries=(_line(performance.LIMIT), _line(performance.OUTSIDE, "outside")),
        ),
        Panel(
            title="Beside earlier checks",
            queries=(
                _line(performance.USUAL, "usual"), _line(performance.DEVIATION, "deviation"),
                _line(performance.DEVIATION_LIMIT, "tolerated deviation"),
            ),
        ),
        Panel(
            title="Changes of the errors", about="Concept drift within the window.",
            queries=(
                _line(concept.DETECTIONS), _line(concept.BEFORE, "error before"), _line(concept.AFTER, "error after"),
                _line(concept.ROWS, "rows"),
            ),
        ),
        Panel(
            title="Since the last change of the errors", unit="s",
            queries=(_ago(concept.CHANGED, "since it began"), _ago(concept.DETECTED, "since it was sure")),
        ),
        Panel(
            title="What explains a change of the loss",
            queries=(
                _line(attribution.LOSS), _line(attribution.LOSS_BEFORE, "reference"),
                _line(attribution.LOSS_MIX, "mix"), _line(attribution.LOSS_PARTS, "worse parts"),
                _line(attribution.NOVELTY, "new rows"),
            ),
        ),
    ),
)  # fmt: skip

_PARTS = Section(
    title="Slices and groups",
    panels=(
        Panel(
            title="Performance of slices",
            queries=(_line(slice_performance.VALUE), _line(slice_performance.REFERENCE, "reference")),
        ),
        Panel(
            title="Intervals of slices",
            queries=(_line(slice_performance.LOW, "from"), _line(slice_performance.HIGH, "to")),
        ),
        Panel(
            title="Loss of slices",
            queries=(
                _line(slice_performance.LOSS), _line(slice_performance.LOSS_LIMIT, "tolerated"),
                _line(slice_performance.LOST, "lost"),
            ),
        ),
        Panel(
            title="Rows of slices",
            queries=(_line(slice_performance.ROWS), _line(slice_performance.COVERAGE, "share with a label")),
        ),
        Panel(
            title="Gaps between groups",
            queries=(
                _line(bias.GAP), _line(bias.REFERENCE_GAP, "reference"), _line(bias.EQUALIZED_ODDS, "equalized odds"),
            ),
        ),
        Panel(
            title="Growth of gaps",
            queries=(
                _line(bias.GROWTH), _line(bias.GROWTH_LOW, "from"), _line(bias.GROWTH_HIGH, "to"),
                _line(bias.GROWTH_LIMIT, "tolerated"), _line(bias.GROWN, "grown"),
            ),
        ),
        Panel(
            title="Measures of groups", queries=(_line(bias.GROUP_VALUE), _line(bias.GROUP_REFERENCE, "reference")),
        ),
        Panel(title="Rows of groups", queries=(_line(bias.GROUP_ROWS),)),
    ),
)  # fmt: skip

_OPERATIONS = Section(
    title="Operation",
    panels=(
        Panel(
            title="Latency in the window", unit="s",
            queries=(
                _line(operations.LATENCY), _line(operations.LATENCY_LIMIT, "limit"),
                _line(operations.LATENCY_MEAN, "mean"), _line(operations.LATENCY_MAX, "most"),
            ),
        ),
        Panel(
            title="Failed and refused requests", unit="percentunit",
            queries=(
                _line(operations.ERRORS, "failed"), _line(operations.ERROR_LIMIT, "limit"),
                _line(operations.REFUSED, "refused"), _line(operations.REFUSED_LIMIT, "limit of refused"),
                _line(operations.SHED, "too many"),
            ),
        ),
        Panel(
            title="Throughput, rows a second",
            queries=(_line(operations.THROUGHPUT), _line(operations.THROUGHPUT_LIMIT, "at least")),
        ),
        Panel(title="Requests of the window", queries=(_line(operations.REQUESTS),)),
        Panel(
            title="Cost of a prediction",
            queries=(
                _line(operations.COST_PER_PREDICTION), _line(operations.COST_LIMIT, "limit"),
                _line(operations.COST, "whole window"),
            ),
        ),
        Panel(title="Limits that are broken", kind="table", queries=((f"{operations.BROKEN}{{{_OF}}} > 0", ""),)),
        Panel(title="Requests", unit="reqps", queries=((_RATE, "{{route}}"),)),
        Panel(
            title="Duration of requests", unit="s",
            queries=tuple((f"histogram_quantile({share}, {_BUCKET})", f"{name} of 100") for share, name in
                          ((0.5, "50"), (0.95, "95"), (0.99, "99"))),
        ),
    ),
)  # fmt: skip

SECTIONS = (_OVERVIEW, _DRIFT, _QUALITY, _PERFORMANCE, _PARTS, _OPERATIONS)
