"""Numbers over traces, asked for over the wire."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.records.trace_metric import TraceCounts
from millwright.server.mlflow.traces.trace_metric import npmi

from .test_otlp import taken

if TYPE_CHECKING:
    from unit.server.mlflow.conftest import Wire

_METRICS = "/api/3.0/mlflow/traces/metrics"
_TOGETHER = "/api/3.0/mlflow/traces/calculate-filter-correlation"
_COUNT = [{"aggregation_type": "COUNT"}]


def _fill(wire: Wire) -> None:
    """Four traces, a second apart, of 1, 2, 3 and 4 seconds; the even ones fail, and cost nothing."""
    for number in range(1, 5):
        attributes: dict[str, Any] = {"mlflow.spanType": "LLM", "session.id": f"s{number // 2}"}
        if number % 2:
            attributes |= {
                "mlflow.chat.tokenUsage": {"input_tokens": number, "output_tokens": 1, "total_tokens": number + 1},
                "mlflow.llm.cost": {"input_cost": 0.5, "output_cost": 0.25, "total_cost": 0.75},
                "mlflow.llm.model": "m",
            }
        taken(
            wire,
            {
                "trace": f"{number:032x}",
                "name": "ask",
                "start": number * 1000,
                "end": number * 2000,
                "status": 1 + (number + 1) % 2,
                "attributes": attributes,
            },
        )


def _ask(wire: Wire, metric: str, view: str = "TRACES", **more: Any) -> list[dict[str, Any]]:
    plain = {"experiment_ids": ["0"], "view_type": view, "metric_name": metric, "aggregations": _COUNT}
    return list(wire.post(_METRICS, plain | more).get("data_points", []))


def test_traces_are_counted(wire: Wire) -> None:
    assert _ask(wire, "trace_count") == [{"metric_name": "trace_count", "values": {"COUNT": 0.0}}]
    _fill(wire)
    assert _ask(wire, "trace_count", dimensions=["trace_status"]) == [
        {"metric_name": "trace_count", "values": {"COUNT": 2.0}, "dimensions": {"trace_status": "ERROR"}},
        {"metric_name": "trace_count", "values": {"COUNT": 2.0}, "dimensions": {"trace_status": "OK"}},
    ]
    assert _ask(wire, "session_count")[0]["values"] == {"COUNT": 3.0}


def test_latency_has_percentiles(wire: Wire) -> None:
    _fill(wire)
    asked = [{"aggregation_type": "AVG"}, {"aggregation_type": "PERCENTILE", "percentile_value": 90}]
    found = _ask(wire, "latency", aggregations=asked)
    assert found[0]["values"] == {"AVG": 2500.0, "P90.0": pytest.approx(3700)}


def test_tokens_and_costs_are_summed_up(wire: Wire) -> None:
    _fill(wire)
    total = [{"aggregation_type": "SUM"}]
    assert _ask(wire, "total_tokens", aggregations=total)[0]["values"] == {"SUM": 6.0}
    (found,) = _ask(wire, "total_cost", "SPANS", aggregations=total, dimensions=["span_model_name"])
    assert (found["values"], found["dimensions"]) == ({"SUM": 1.5}, {"span_model_name": "m"})


def test_groups_go_by_time(wire: Wire) -> None:
    _fill(wire)
    more = {"time_interval_seconds": 2, "start_time_ms": 2000, "end_time_ms": 3999}
    assert _ask(wire, "trace_count", **more) == [
        {
            "metric_name": "trace_count",
            "values": {"COUNT": 2.0},
            "dimensions": {"time_bucket": "1970-01-01T00:00:02+00:00"},
        }
    ]


@pytest.mark.parametrize(
    ("text", "view", "count"),
    [
        ("trace.status = 'OK'", "TRACES", 2),
        ('trace.metadata.`mlflow.trace.session` = "s1"', "TRACES", 2),
        ("trace.tag.`mlflow.trace.spansLocation` = 'TRACKING_STORE'", "TRACES", 4),
        ("span.type = 'LLM'", "SPANS", 4),
        ("span.status = 'ERROR'", "SPANS", 2),
        ("span.name = 'no'", "SPANS", 0),
    ],
)
def test_filters_choose(wire: Wire, text: str, view: str, count: int) -> None:
    _fill(wire)
    metric = "span_count" if view == "SPANS" else "trace_count"
    assert _ask(wire, metric, view, filters=[text])[0]["values"] == {"COUNT": count}


@pytest.mark.parametrize(
    "more",
    [
        {"view_type": "NO"},
        {"metric_name": "no"},
        {"aggregations": [{"aggregation_type": "SUM"}]},
        {"aggregations": [{"aggregation_type": "NO"}]},
        {"metric_name": "latency", "aggregations": [{"aggregation_type": "PERCENTILE"}]},
        {"metric_name": "latency", "aggregations": [{"aggregation_type": "PERCENTILE", "percentile_value": 101}]},
        {"metric_name": "latency", "aggregations": [{"aggregation_type": "AVG", "percentile_value": 1}]},
        {"dimensions": ["no"]},
        {"time_interval_seconds": 5},
        {"time_interval_seconds": -5, "start_time_ms": 0, "end_time_ms": 1},
        {"start_time_ms": 1 << 62},
        {"filters": ["no"]},
        {"filters": ["no.status = 'x'"]},
        {"filters": ["trace.no = 'x'"]},
        {"filters": ["trace.tag = 'x'"]},
        {"filters": ["trace.status.x = 'x'"]},
        {"filters": ["trace.status != 'x'"]},
        {"filters": ["span.name = 'x'"]},
        {"experiment_ids": []},
        {"aggregations": []},
    ],
)
def test_unfit_question_is_refused(wire: Wire, more: dict[str, Any]) -> None:
    plain = {"experiment_ids": ["0"], "view_type": "TRACES", "metric_name": "trace_count", "aggregations": _COUNT}
    status, code, _ = wire.fails("POST", _METRICS, plain | more)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")


def test_conditions_are_compared(wire: Wire) -> None:
    _fill(wire)
    body = {"experiment_ids": ["0"], "filter_string1": "trace.status = 'OK'", "filter_string2": "execution_time > 2500"}
    assert wire.post(_TOGETHER, body) == {
        "npmi": 0.0,
        "npmi_smoothed": pytest.approx(0.0, abs=1e-9),
        "filter1_count": 2,
        "filter2_count": 2,
        "joint_count": 1,
        "total_count": 4,
    }
    nothing = wire.post(_TOGETHER, body | {"base_filter": "trace.status = 'IN_PROGRESS'"})
    assert nothing == {"filter1_count": 0, "filter2_count": 0, "joint_count": 0, "total_count": 0}
    assert wire.fails("POST", _TOGETHER, body | {"filter_string1": "no"})[0] == 400


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        # Bouma's formula by hand: ln(p(x,y) / (p(x) p(y))) / -ln p(x,y).
        (TraceCounts(20, 15, 10, 100), math.log(0.1 / (0.2 * 0.15)) / -math.log(0.1)),
        (TraceCounts(5, 5, 0, 100), -1.0),
        (TraceCounts(4, 4, 4, 4), 1.0),
        (TraceCounts(0, 4, 0, 4), math.nan),
        (TraceCounts(0, 0, 0, 0), math.nan),
        (TraceCounts(1, 1, 2, 4), math.nan),
    ],
)
def test_npmi_is_what_the_formula_gives(counts: TraceCounts, expected: float) -> None:
    assert npmi(counts) == pytest.approx(expected, nan_ok=True)
