from __future__ import annotations

import pytest


@pytest.fixture
def run(wire):
    return wire.post("runs/create", {"experiment_id": "0", "run_name": "first", "start_time": 5})["run"]["info"][
        "run_id"
    ]


def test_run_is_created_with_a_name_a_user_and_a_place(wire):
    tags = [{"key": "mlflow.user", "value": "ada"}]
    run = wire.post("runs/create", {"experiment_id": "0", "start_time": "7", "tags": tags})["run"]
    info = run["info"]
    assert (info["status"], info["start_time"], info["user_id"]) == ("RUNNING", 7, "ada")
    assert info["artifact_uri"] == f"mlflow-artifacts:/0/{info['run_id']}/artifacts"
    assert {"key": "mlflow.runName", "value": info["run_name"]} in run["data"]["tags"]
    assert run["inputs"] == {}
    assert "outputs" not in run
    got = wire.get("runs/get", run_id=info["run_id"])["run"]
    assert (got["info"], got["outputs"]) == (info, {})


def test_name_and_tag_of_the_name_stay_in_step(wire, run):
    wire.post("runs/set-tag", {"run_id": run, "key": "mlflow.runName", "value": "second"})
    assert wire.get("runs/get", run_id=run)["run"]["info"]["run_name"] == "second"
    info = wire.post("runs/update", {"run_id": run, "run_name": "third"})["run_info"]
    assert info["run_name"] == "third"
    tags = wire.get("runs/get", run_id=run)["run"]["data"]["tags"]
    assert tags == [{"key": "mlflow.runName", "value": "third"}]
    body = {"experiment_id": "0", "run_name": "a", "tags": [{"key": "mlflow.runName", "value": "b"}]}
    assert "with different values" in wire.fails("POST", "runs/create", body)[2]


def test_status_is_set_by_name_or_number_and_a_run_goes_on(wire, run):
    assert wire.post("runs/update", {"run_id": run, "status": 3, "end_time": 9})["run_info"]["status"] == "FINISHED"
    info = wire.post("runs/update", {"run_id": run, "status": "RUNNING"})["run_info"]
    assert (info["status"], info["end_time"]) == ("RUNNING", 9)
    assert wire.post("runs/update", {"run_id": run, "status": "nonsense"})["run_info"]["status"] == "RUNNING"


def test_parameter_is_written_once(wire, run):
    wire.post("runs/log-parameter", {"run_id": run, "key": "p", "value": ""})
    wire.post("runs/log-parameter", {"run_id": run, "key": "p", "value": ""})
    status, code, message = wire.fails("POST", "runs/log-parameter", {"run_id": run, "key": "p", "value": "2"})
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert message.startswith("Changing param values is not allowed. Param with key='p' was already logged")


def test_long_values_are_cut(wire, run):
    wire.post("runs/log-parameter", {"run_id": run, "key": "p", "value": "x" * 6001})
    wire.post("runs/set-tag", {"run_id": run, "key": "t", "value": "x" * 8001})
    data = wire.get("runs/get", run_id=run)["run"]["data"]
    assert len(data["params"][0]["value"]) == 6000
    assert max(len(each["value"]) for each in data["tags"]) == 8000


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("log-parameter", {"run_id": 31, "key": "p"}, "Invalid value 31 for parameter 'run_id' supplied"),
        ("log-parameter", {"key": 31}, "Invalid value 31 for parameter 'key' supplied"),
        ("log-parameter", {"key": "../p"}, "would resolve to '../p'"),
        ("log-parameter", {"key": "x" * 251}, "'Param key' exceeds the maximum length of 250 characters"),
        ("set-tag", {"key": "t", "value": 41}, "Invalid value 41 for parameter 'value' supplied"),
        ("set-tag", {"value": "x"}, "Missing value for required parameter 'key'"),
        ("set-tag", {"key": "t", "value": "\x00"}, "without NUL characters"),
        ("update", {"end_time": "late"}, "for parameter 'end_time' supplied"),
    ],
)
def test_bad_write_is_refused(wire, run, path, body, told):
    status, code, message = wire.fails("POST", f"runs/{path}", {"run_id": run} | body)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert told in message


def test_deleted_run_refuses_writes_and_comes_back(wire, run):
    wire.post("runs/delete", {"run_id": run})
    assert wire.get("runs/get", run_id=run)["run"]["info"]["lifecycle_stage"] == "deleted"
    for path, more in (
        ("set-tag", {"key": "t", "value": "x"}),
        ("delete-tag", {"key": "t"}),
        ("log-parameter", {"key": "p", "value": "1"}),
        ("log-metric", {"key": "m", "value": 1, "timestamp": 1}),
        ("log-batch", {"tags": [{"key": "t", "value": "x"}]}),
        ("update", {"status": "FAILED"}),
    ):
        status, _, message = wire.fails("POST", f"runs/{path}", {"run_id": run} | more)
        assert (status, message[:44]) == (400, f"The run {run} mus"[:44]), path
    assert wire.post("runs/search", {"experiment_ids": ["0"]}) == {}
    assert len(wire.post("runs/search", {"experiment_ids": ["0"], "run_view_type": "DELETED_ONLY"})["runs"]) == 1
    wire.post("runs/restore", {"run_id": run})
    wire.post("runs/set-tag", {"run_id": run, "key": "t", "value": "x"})
    wire.post("runs/delete-tag", {"run_id": run, "key": "t"})
    assert wire.fails("POST", "runs/delete-tag", {"run_id": run, "key": "t"})[0] == 404


@pytest.mark.parametrize("path", ["get", "update", "delete", "restore", "set-tag", "delete-tag", "log-parameter"])
def test_unknown_run_is_not_found(wire, path):
    method = "GET" if path == "get" else "POST"
    body = {"run_id": "nothing", "key": "k", "value": "v"}
    answer = wire.fails(method, f"runs/{path}", None if method == "GET" else body, params={"run_id": "nothing"})
    assert answer == (404, "RESOURCE_DOES_NOT_EXIST", "Run with id=nothing not found")


def test_search_filters_orders_and_pages(wire):
    for number in range(5):
        run = wire.post("runs/create", {"experiment_id": "0", "start_time": number, "run_name": str(number)})
        body = {"run_id": run["run"]["info"]["run_id"], "metrics": [{"key": "m", "value": number, "timestamp": 1}]}
        wire.post("runs/log-batch", body | {"params": [{"key": "odd", "value": str(number % 2)}]})
    ask = {"experiment_ids": ["0"], "filter": "params.odd = '0' and metrics.m >= 0", "order_by": ["metrics.m DESC"]}
    first = wire.post("runs/search", ask | {"max_results": 2})
    rest = wire.post("runs/search", ask | {"max_results": 2, "page_token": first["next_page_token"]})
    names = [each["info"]["run_name"] for each in (*first["runs"], *rest["runs"])]
    assert names == ["4", "2", "0"]
    assert "next_page_token" not in rest


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"max_results": 50_001}, "Invalid value 50001 for parameter 'max_results' supplied"),
        ({"max_results": 0}, "It must be a positive integer"),
        ({"page_token": "x"}, "Invalid page token"),
        ({"filter": "metrics.m > 'x'"}, "Expected numeric value type for metric. Found 'x'"),
        ({"filter": "metrics.m > 1 OR params.p = '1'"}, "Invalid clause(s) in filter string"),
        ({"order_by": ["foo"]}, "Invalid attribute key 'foo'"),
        ({"experiment_ids": "x"}, "Invalid value \"x\" for parameter 'experiment_ids' supplied"),
    ],
)
def test_bad_search_is_refused(wire, body, told):
    status, code, message = wire.fails("POST", "runs/search", {"experiment_ids": ["0"]} | body)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert told in message


def test_unknown_experiments_are_passed_over(wire):
    assert wire.post("runs/search", {"experiment_ids": ["99999"]}) == {}
    assert wire.fails("POST", "runs/create", {"experiment_id": "99999"})[2] == "No Experiment with id=99999 exists"
