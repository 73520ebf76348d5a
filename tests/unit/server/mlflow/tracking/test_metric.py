from __future__ import annotations

import pytest


@pytest.fixture
def run(wire):
    return wire.post("runs/create", {"experiment_id": "0"})["run"]["info"]["run_id"]


def test_point_is_logged_with_numbers_as_text_and_odd_values(wire, run):
    for value, at in (("2.5", "10"), ("NaN", 20), ("Infinity", 30), ("-Infinity", 40)):
        wire.post("runs/log-metric", {"run_id": run, "key": "m", "value": value, "timestamp": at})
    points = wire.get("metrics/get-history", run_id=run, metric_key="m")["metrics"]
    assert [each["value"] for each in points] == [2.5, "NaN", 1.7976931348623157e308, -1.7976931348623157e308]
    last = wire.get("runs/get", run_id=run)["run"]["data"]["metrics"]
    assert last == [{"key": "m", "value": -1.7976931348623157e308, "timestamp": 40, "step": 0}]


def test_batch_is_one_change(wire, run):
    good = {"metrics": [{"key": "m", "value": 1, "timestamp": 1}], "params": [{"key": "p", "value": "1"}]}
    wire.post("runs/log-batch", {"run_id": run, "tags": [{"key": "mlflow.runName", "value": "new"}]} | good)
    assert wire.get("runs/get", run_id=run)["run"]["info"]["run_name"] == "new"
    bad = {"metrics": [{"key": "n", "value": 1, "timestamp": 1}], "params": [{"key": "p", "value": "2"}]}
    message = wire.fails("POST", "runs/log-batch", {"run_id": run} | bad)[2]
    assert "{'key': 'p', 'old_value': '1', 'new_value': '2'}" in message
    assert [each["key"] for each in wire.get("runs/get", run_id=run)["run"]["data"]["metrics"]] == ["m"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"metrics": "foo"}, "Invalid value \"foo\" for parameter 'metrics' supplied"),
        ({"metrics": [{"key": "m", "value": 1}]}, "Missing value for required parameter 'metrics[0].timestamp'"),
        ({"metrics": [{"key": "m", "timestamp": 1}]}, "Missing value for required parameter 'metrics[0].value'"),
        ({"params": [{"value": "1"}]}, "Missing value for required parameter 'params[0].key'"),
        ({"tags": [{"value": "1"}]}, "Missing value for required parameter 'tags[0].key'"),
        ({"metrics": [{"key": "m*", "value": 1, "timestamp": 1}]}, "for parameter 'metrics[0].name' supplied"),
        ({"metrics": [{"key": "m", "value": 1, "timestamp": -1}]}, "for parameter 'metrics[0].timestamp' supplied"),
        ({"metrics": [{"key": "m", "value": 1, "timestamp": 1, "step": 2**63}]}, "for parameter 'metrics[0].step'"),
        ({"metrics": [{"key": "m", "value": 1, "timestamp": 2**62}]}, "for parameter 'metrics[0].timestamp'"),
        ({"params": [{"key": "a", "value": "1"}] * 2}, "Duplicate parameter keys have been submitted: ['a']"),
        ({"metrics": [{"key": "m", "value": 1, "timestamp": 1}] * 1001}, "at most 1000 metrics. Got 1001"),
        ({"params": [{"key": f"k{at}", "value": ""} for at in range(101)]}, "at most 100 params. Got 101"),
        ({"tags": [{"key": f"k{at}", "value": ""} for at in range(101)]}, "at most 100 tags. Got 101"),
    ],
)
def test_bad_batch_is_refused(wire, run, body, told):
    status, code, message = wire.fails("POST", "runs/log-batch", {"run_id": run} | body)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert told in message


@pytest.mark.parametrize("name", ["key", "value", "timestamp"])
def test_point_without_a_part_is_refused(wire, run, name):
    body = {"run_id": run, "key": "m", "value": 1, "timestamp": 1} | {name: None}
    assert wire.fails("POST", "runs/log-metric", body)[2].startswith(f"Missing value for required parameter '{name}'")


@pytest.mark.parametrize("timestamp", [1_795_000_000_000_000, 2**63 - 1])
def test_time_in_other_units_than_milliseconds_is_refused_with_the_reason(wire, run, timestamp):
    body = {"run_id": run, "key": "m", "value": 1, "timestamp": timestamp}
    status, _, message = wire.fails("POST", "runs/log-metric", body)
    assert status == 400
    assert f"Invalid value {timestamp} for parameter 'timestamp' supplied: Expected milliseconds since 1970" in message
