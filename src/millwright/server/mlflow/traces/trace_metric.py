"""Numbers over traces: counts, latencies, tokens and costs by time and kind, and how two conditions go together."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from millwright.core.filter import TRACES, parse_filter
from millwright.core.ids import ExperimentId
from millwright.core.records.search import All, Comparison, Field, Kind
from millwright.core.records.trace_metric import Aggregate, TraceMetricQuery, TraceView
from millwright.server.mlflow.answer import Answer, moment
from millwright.server.mlflow.check import chosen
from millwright.server.mlflow.failure import invalid, missing
from millwright.server.mlflow.permission import Access, ResourceKind, Rule, fields
from millwright.server.mlflow.route import Route

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from millwright.core.records.search import Condition
    from millwright.core.records.trace_metric import TraceCounts, TraceMetricGroup
    from millwright.server.mlflow.call import Call

MAX_GROUPS = 1000
MAX_EXPERIMENTS = 1000
_PRIOR = 0.5  # Jeffreys' prior: what is added to each of the four counts
_VIEWS = {"TRACES": TraceView.TRACES, "SPANS": TraceView.SPANS, "ASSESSMENTS": TraceView.ASSESSMENTS}
_AGGREGATES = {
    "COUNT": Aggregate.COUNT,
    "SUM": Aggregate.SUM,
    "AVG": Aggregate.AVERAGE,
    "PERCENTILE": Aggregate.PERCENTILE,
    "MIN": Aggregate.MINIMUM,
    "MAX": Aggregate.MAXIMUM,
}
_SPREAD = frozenset({"AVG", "MIN", "MAX", "PERCENTILE"})
_SUMMED = _SPREAD | {"SUM"}
_COUNTED = frozenset({"COUNT"})
_TOKENS = ("input_tokens", "output_tokens", "total_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
_MODEL = frozenset({"span_model_name", "span_model_provider"})
_NAME = frozenset({"trace_name"})
# Of each view, what each metric can be asked for, and by what.
_METRICS: dict[TraceView, dict[str, tuple[frozenset[str], frozenset[str]]]] = {
    TraceView.TRACES: {
        "trace_count": (_COUNTED, _NAME | {"trace_status"}),
        "session_count": (_COUNTED, frozenset()),
        "latency": (_SPREAD, _NAME),
        **dict.fromkeys(_TOKENS, (_SUMMED, _NAME)),
    },
    TraceView.SPANS: {
        "span_count": (_COUNTED, _MODEL | {"span_name", "span_type", "span_status"}),
        "latency": (_SPREAD, frozenset({"span_name", "span_status"})),
        **dict.fromkeys(("input_cost", "output_cost", "total_cost"), (_SUMMED, _MODEL)),
    },
    TraceView.ASSESSMENTS: {
        "assessment_count": (_COUNTED, frozenset({"assessment_name", "assessment_value"})),
        "assessment_value": (_SPREAD, frozenset({"assessment_name"})),
    },
}
_FILTER = re.compile(r"\s*`?(\w+)`?\.(\w+)(?:\.(.+?))?\s*(!=|<=|>=|=|<|>|\b\w+\b)\s*('[^']*'|\"[^\"]*\")\s*", re.DOTALL)
_ENTITIES = {
    "trace": {"status": False, "tag": True, "metadata": True},
    "span": {"name": False, "status": False, "type": False},
    "assessment": {"name": False, "type": False},
}


class MetricAggregation(msgspec.Struct):
    """What becomes of the values of a group."""

    aggregation_type: str | int = ""
    percentile_value: float | None = None


class QueryTraceMetrics(msgspec.Struct):
    """`POST /mlflow/traces/metrics`."""

    experiment_ids: list[str] = msgspec.field(default_factory=list)
    view_type: str | int = ""
    metric_name: str = ""
    aggregations: list[MetricAggregation] = msgspec.field(default_factory=list)
    dimensions: list[str] = msgspec.field(default_factory=list)
    filters: list[str] = msgspec.field(default_factory=list)
    time_interval_seconds: int | None = None
    start_time_ms: int | None = None
    end_time_ms: int | None = None
    max_results: int = MAX_GROUPS
    page_token: str = ""


class CalculateTraceFilterCorrelation(msgspec.Struct):
    """`POST /mlflow/traces/calculate-filter-correlation`."""

    experiment_ids: list[str] = msgspec.field(default_factory=list)
    filter_string1: str = ""
    filter_string2: str = ""
    base_filter: str = ""


def query_trace_metrics(call: Call, body: QueryTraceMetrics) -> Answer:
    """Numbers of groups of traces, spans or assessments."""
    view = _VIEWS[chosen(body.view_type, _VIEWS, "view_type")]
    names = _checked(view, body)
    if body.time_interval_seconds and (body.start_time_ms is None or body.end_time_ms is None):
        raise invalid("start_time_ms and end_time_ms are required if time_interval_seconds is set")
    if body.time_interval_seconds and not 0 < body.time_interval_seconds < 1 << 31:
        raise invalid(f"Expected a time_interval_seconds from 1 on, found {body.time_interval_seconds}.")
    where, also = _filters(view, body.filters)
    query = TraceMetricQuery(
        experiment_ids=_experiments(body.experiment_ids),
        view=view,
        metric=body.metric_name,
        aggregates=[
            (_AGGREGATES[name], each.percentile_value) for name, each in zip(names, body.aggregations, strict=True)
        ],
        dimensions=list(dict.fromkeys(body.dimensions)),
        where=where,
        also=also,
        interval=timedelta(seconds=body.time_interval_seconds) if body.time_interval_seconds else None,
        start=_moment(body.start_time_ms, "start_time_ms"),
        end=_moment(body.end_time_ms, "end_time_ms"),
        limit=max(0, min(body.max_results, MAX_GROUPS)),
    )
    labels = [
        name if each.percentile_value is None else f"P{each.percentile_value}"
        for name, each in zip(names, body.aggregations, strict=True)
    ]
    points = [_point(group, query, labels) for group in call.stores.trace_metrics.query(query)]
    found = [point for point in points if point["values"]]
    return Answer({"data_points": found} if found else {})


def calculate_trace_filter_correlation(call: Call, body: CalculateTraceFilterCorrelation) -> Answer:
    """How much more often than by chance traces fit both of two conditions."""
    first, second, base = (_condition(each) for each in (body.filter_string1, body.filter_string2, body.base_filter))
    counts = call.stores.trace_metrics.count(_experiments(body.experiment_ids), first, second, base)
    told = {"npmi": npmi(counts), "npmi_smoothed": npmi(counts, prior=_PRIOR)}
    shape: dict[str, Any] = {name: value for name, value in told.items() if math.isfinite(value)}
    return Answer(
        shape
        | {
            "filter1_count": counts.first,
            "filter2_count": counts.second,
            "joint_count": counts.both,
            "total_count": counts.total,
        }
    )


def npmi(counts: TraceCounts, prior: float = 0.0) -> float:
    """Normalized pointwise mutual information of two conditions.

    Source: G. Bouma, Normalized (pointwise) mutual information in collocation extraction, 2009.

    Args:
        counts: How many fit which of them.
        prior: Added to each of the four cells of the table.

    Returns:
        From -1 (never together) over 0 (as by chance) to 1 (always together); NaN when nothing fits one of them.
    """
    cells = (
        counts.both,
        counts.first - counts.both,
        counts.second - counts.both,
        counts.total - counts.first - counts.second + counts.both,
    )
    if counts.total <= 0 or not counts.first or not counts.second or min(cells) < 0:
        return math.nan
    if cells[1:] == (0, 0, 0):
        return 1.0
    if not counts.both and not prior:
        return -1.0
    both, first, second, neither = (cell + prior for cell in cells)
    total = both + first + second + neither
    information = math.log(both) + math.log(total) - math.log(both + first) - math.log(both + second)
    return max(-1.0, min(1.0, information / (math.log(total) - math.log(both))))


def _experiments(given: Sequence[str]) -> list[ExperimentId]:
    if not given:
        raise missing("experiment_ids")
    if len(given) > MAX_EXPERIMENTS:
        raise invalid(f"Expected at most {MAX_EXPERIMENTS:,} experiment_ids, found {len(given):,}.")
    return [ExperimentId(each) for each in dict.fromkeys(given)]


def _moment(milliseconds: int | None, name: str) -> datetime | None:
    try:
        return None if milliseconds is None else moment(milliseconds)
    except OverflowError as error:
        raise invalid(f"Expected a {name} before the year 10000, found {milliseconds}.") from error


def _checked(view: TraceView, body: QueryTraceMetrics) -> list[str]:
    known = _METRICS[view]
    if body.metric_name not in known:
        raise invalid(f"metric_name must be one of {list(known)}, got '{body.metric_name}'")
    if not body.aggregations:
        raise missing("aggregations")
    names = [chosen(each.aggregation_type, _AGGREGATES, "aggregation_type") for each in body.aggregations]
    kinds, dimensions = known[body.metric_name]
    if unknown := sorted(set(names) - kinds):
        raise invalid(f"Found invalid aggregation_type(s): {unknown}. Supported aggregation types: {sorted(kinds)}")
    if unknown := sorted(set(body.dimensions) - dimensions):
        raise invalid(f"Found invalid dimension(s): {unknown}. Supported dimensions: {sorted(dimensions)}")
    for name, each in zip(names, body.aggregations, strict=True):
        at = each.percentile_value
        if name != "PERCENTILE" and at is not None:
            raise invalid(f"Percentile value is only allowed for PERCENTILE aggregation type, got {name}")
        if name == "PERCENTILE" and at is None:
            raise invalid("Percentile value is required for PERCENTILE aggregation")
        if at is not None and not 0 <= at <= 100:
            raise invalid(f"Percentile value must be between 0 and 100, got {at}")
    return names


def _filters(view: TraceView, filters: Sequence[str]) -> tuple[Condition | None, list[tuple[str, str]]]:
    where: list[Condition] = []
    also: list[tuple[str, str]] = []
    for text in filters:
        entity, name, key, value = _parsed(text)
        if entity == "trace":
            field = Field(kind=Kind.ATTRIBUTE, key="status") if key is None else Field(kind=_KINDS[name], key=key)
            where.append(Comparison(field=field, op="=", value=value))
        elif f"{entity}s" != view.value:
            raise invalid(
                f"Filtering by {entity} is only supported for {entity.upper()}S view type, got {view.upper()}"
            )
        else:
            also.append((name, value))
    return (All(parts=tuple(where)) if where else None), also


_KINDS = {"tag": Kind.TAG, "metadata": Kind.METADATA}


def _parsed(text: str) -> tuple[str, str, str | None, str]:
    match = _FILTER.fullmatch(text)
    if match is None:
        raise invalid(f"Invalid filter: '{text[:200]}'. Expected one comparison, such as: trace.status = 'OK'")
    entity, name, key, sign, value = match.groups()
    if entity not in _ENTITIES:
        raise invalid(f"Invalid view type '{entity}'. Valid values are {list(_ENTITIES)}")
    if name not in _ENTITIES[entity]:
        raise invalid(
            f"Invalid entity '{name}' specified for view type '{entity}'. Valid entities are {list(_ENTITIES[entity])}"
        )
    if _ENTITIES[entity][name] and key is None:
        raise invalid(f"Filtering by {name} requires a key, e.g. '{entity}.{name}.<key> = <value>'")
    if not _ENTITIES[entity][name] and key is not None:
        raise invalid(f"Filtering by {name} does not require a key, use '{entity}.{name}' instead")
    if sign != "=":
        raise invalid(f"Invalid comparator: '{sign}', only '=' operator is supported")
    return entity, name, key if key is None else key.strip("`\"'"), value[1:-1]


def _condition(text: str) -> Condition | None:
    # Written like the metrics' filters by pages of MLflow, like searches by everybody else.
    return parse_filter(text, TRACES) if text else None


def _point(group: TraceMetricGroup, query: TraceMetricQuery, labels: Sequence[str]) -> dict[str, Any]:
    dimensions = dict(group.dimensions)
    if group.begins is not None:
        dimensions = {"time_bucket": group.begins.isoformat(), **dimensions}
    values = {label: value for label, value in zip(labels, group.values, strict=True) if value is not None}
    shape: dict[str, Any] = {"metric_name": query.metric, "values": values}
    return shape | ({"dimensions": dimensions} if dimensions else {})


_EXPERIMENTS = Rule(Access.READ, fields(ResourceKind.EXPERIMENT, "experiment_ids"))

ROUTES = (
    Route(
        method="POST",
        path="/mlflow/traces/metrics",
        versions=(3,),
        body=QueryTraceMetrics,
        required=("experiment_ids", "view_type", "metric_name", "aggregations"),
        handler=query_trace_metrics,
        rule=_EXPERIMENTS,
    ),
    Route(
        method="POST",
        path="/mlflow/traces/calculate-filter-correlation",
        versions=(3,),
        body=CalculateTraceFilterCorrelation,
        required=("experiment_ids", "filter_string1", "filter_string2"),
        handler=calculate_trace_filter_correlation,
        rule=_EXPERIMENTS,
    ),
)
