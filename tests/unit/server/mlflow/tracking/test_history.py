from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.server.mlflow.tracking.history import thinned

BULK = "/ajax-api/2.0/mlflow/metrics/get-history-bulk"


@pytest.fixture
def run(wire):
    run = wire.post("runs/create", {"experiment_id": "0"})["run"]["info"]["run_id"]
    points = [{"key": "m", "value": 10.0, "timestamp": 1, "step": step} for step in range(10)]
    wire.post("runs/log-batch", {"run_id": run, "metrics": points})
    return run


def test_history_comes_page_by_page(wire, run):
    found, token = [], ""
    while True:
        page = wire.get("metrics/get-history", run_id=run, metric_key="m", max_results=4, page_token=token)
        found += [each["step"] for each in page["metrics"]]
        token = page.get("next_page_token", "")
        if not token:
            break
    assert found == list(range(10))


def test_nothing_is_known_of_other_metrics_and_runs(wire, run):
    assert wire.get("metrics/get-history", run_id=run, metric_key="other") == {}
    assert wire.get("metrics/get-history", run_id="nothing", metric_key="m") == {}


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"max_results": 0}, "It must be a positive integer"),
        ({"page_token": "x"}, "Invalid page token"),
        ({"metric_key": ""}, "Missing value for required parameter 'metric_key'"),
    ],
)
def test_bad_history_is_refused(wire, run, query, told):
    params = {"run_id": run, "metric_key": "m"} | query
    assert told in wire.fails("GET", "metrics/get-history", params=params)[2]


def test_bulk_history_is_in_the_order_of_runs_and_times(wire, run):
    points = wire.get(BULK, run_id=[run, "nothing"], metric_key="m", max_results=3)["metrics"]
    assert points == [{"key": "m", "value": 10.0, "timestamp": 1, "step": step, "run_id": run} for step in range(3)]
    assert "at least one run_id" in wire.fails("GET", BULK, params={"metric_key": "m"})[2]
    assert "must specify a metric_key" in wire.fails("GET", BULK, params={"run_id": ["x"]})[2]
    many = {"run_id": [str(at) for at in range(101)], "metric_key": "m"}
    assert "cannot specify more than 100" in wire.fails("GET", BULK, params=many)[2]


def test_interval_shows_points_evenly_with_the_last(wire, run):
    points = wire.get("metrics/get-history-bulk-interval", run_ids=[run], metric_key="m", max_results=5)["metrics"]
    assert [each["step"] for each in points] == [0, 2, 4, 6, 9]
    query = {"run_ids": [run], "metric_key": "m", "start_step": 0, "end_step": 4, "max_results": 5}
    points = wire.get("metrics/get-history-bulk-interval", **query)["metrics"]
    assert [each["step"] for each in points] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"metric_key": "m"}, "Missing value for required parameter 'run_ids'"),
        ({"run_ids": ["x"] * 101, "metric_key": "m"}, "must specify at most 100 run_ids."),
        ({"run_ids": ["x"], "metric_key": "m", "max_results": 0}, "max_results must be between 1 and 2500"),
        ({"run_ids": ["x"], "metric_key": "m", "start_step": 1, "end_step": 0}, "end_step must be greater than"),
        ({"run_ids": ["x"], "metric_key": "m", "start_step": 1}, "both must be specified"),
    ],
)
def test_bad_interval_is_refused(wire, query, told):
    assert told in wire.fails("GET", "metrics/get-history-bulk-interval", params=query)[2]


@given(st.lists(st.integers()), st.integers(1, 20))
def test_thinned_history_is_short_in_order_and_keeps_the_last(steps, most):
    points = [(0.0, at, step) for at, step in enumerate(steps)]
    shown = thinned(points, most)
    assert len(shown) == min(most, len(points))
    assert list(shown) == sorted(shown, key=lambda point: point[1])
    assert shown[-1:] == points[-1:]
