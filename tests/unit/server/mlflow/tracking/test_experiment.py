from __future__ import annotations

from pathlib import Path

import pytest


def test_experiment_is_created_and_read_by_id_and_name(wire):
    made = wire.post("experiments/create", {"name": "a", "tags": [{"key": "team", "value": "rail"}]})
    assert made == {"experiment_id": "1"}
    experiment = wire.get("experiments/get", experiment_id="1")["experiment"]
    assert experiment["artifact_location"] == "mlflow-artifacts:/1"
    assert experiment["lifecycle_stage"] == "active"
    assert experiment["tags"] == [{"key": "team", "value": "rail"}]
    assert wire.get("experiments/get-by-name", experiment_name="a")["experiment"] == experiment


def test_default_experiment_is_there_from_the_beginning(wire):
    assert wire.get("experiments/get", experiment_id="0")["experiment"]["name"] == "Default"


def test_name_is_taken_once(wire):
    wire.post("experiments/create", {"name": "a"})
    status, code, message = wire.fails("POST", "experiments/create", {"name": "a"})
    assert (status, code) == (400, "RESOURCE_ALREADY_EXISTS")
    assert message.startswith("Experiment(name=a) already exists.")
    wire.post("experiments/create", {"name": "b"})
    assert wire.fails("POST", "experiments/update", {"experiment_id": "2", "new_name": "a"})[0] == 400


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "Missing value for required parameter 'name'"),
        ({"name": 5}, "Invalid value 5 for parameter 'name' supplied"),
        ({"name": "x" * 501}, "'name' exceeds the maximum length of 500 characters"),
        ({"name": "x", "artifact_location": "https://b/x;y"}, "can't include fragments or params"),
        ({"name": "x", "artifact_location": "s3://b/x#y"}, "can't include fragments or params"),
        ({"name": "x", "artifact_location": "s3://b/x?../y"}, "Invalid query string"),
        ({"name": "x", "artifact_location": "runs:/a/b"}, "cannot be a runs:/ URI"),
        ({"name": "x", "tags": [{"key": "a*", "value": ""}]}, "Names may only contain"),
        ({"name": "x\x00"}, "without NUL characters"),
    ],
)
def test_bad_experiment_is_refused(wire, body, told):
    status, code, message = wire.fails("POST", "experiments/create", body)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert told in message


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("results", "{here}/results"),
        ("./results", "{here}/results"),
        ("file:results", "file://{here}/results"),
        ("/data/results", "/data/results"),
        ("file:///data/results", "file:///data/results"),
        ("s3://b/results", "s3://b/results"),
        ("s3://b/results;v=1", "s3://b/results;v=1"),
    ],
)
def test_relative_location_begins_where_the_server_runs(wire, given, kept):
    made = wire.post("experiments/create", {"name": "a", "artifact_location": given})
    found = wire.get("experiments/get", **made)["experiment"]["artifact_location"]
    assert found == kept.format(here=Path.cwd().as_posix())


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "experiments/delete", {"experiment_id": "mine"}),
        ("POST", "runs/create", {"experiment_id": "mine"}),
        ("POST", "runs/search", {"experiment_ids": ["mine"]}),
        ("POST", "logged-models/search", {"experiment_ids": ["mine"]}),
        ("POST", "experiments/search-datasets", {"experiment_ids": [""]}),
    ],
)
def test_id_that_is_no_number_is_refused(wire, method, path, body):
    path = f"/ajax-api/2.0/mlflow/{path}" if path.endswith("datasets") else path
    status, code, message = wire.fails(method, path, body)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert "Experiment ID must be a valid integer" in message


def test_deleted_experiment_is_hidden_refuses_writes_and_comes_back(wire):
    wire.post("experiments/create", {"name": "a"})
    wire.post("experiments/delete", {"experiment_id": "1"})
    assert wire.get("experiments/get", experiment_id="1")["experiment"]["lifecycle_stage"] == "deleted"
    shown = wire.post("experiments/search", {"max_results": 10, "view_type": 2})["experiments"]
    assert [each["name"] for each in shown] == ["a"]
    _, _, message = wire.fails("POST", "experiments/set-experiment-tag", {"experiment_id": "1", "key": "k"})
    assert "must be in the 'active' state" in message
    assert wire.fails("POST", "experiments/delete", {"experiment_id": "1"})[0] == 404
    assert wire.fails("POST", "experiments/update", {"experiment_id": "1", "new_name": "b"})[:2] == (
        400,
        "INVALID_STATE",
    )
    wire.post("experiments/restore", {"experiment_id": "1"})
    wire.post("experiments/update", {"experiment_id": "1", "new_name": "b"})
    assert wire.get("experiments/get-by-name", experiment_name="b")["experiment"]["experiment_id"] == "1"


def test_search_filters_orders_and_pages(wire):
    for name in ("a", "ab", "Abc"):
        wire.post("experiments/create", {"name": name, "tags": [{"key": "k", "value": name.lower()}]})
    first = wire.post("experiments/search", {"max_results": 2, "order_by": ["name DESC"]})
    assert [each["name"] for each in first["experiments"]] == ["ab", "a"]
    rest = {"max_results": 2, "order_by": ["name DESC"], "page_token": first["next_page_token"]}
    assert [each["name"] for each in wire.post("experiments/search", rest)["experiments"]] == ["Default", "Abc"]
    found = wire.post("experiments/search", {"max_results": 9, "filter": "tags.k ILIKE 'AB%' AND name LIKE 'a%'"})
    assert [each["name"] for each in found["experiments"]] == ["ab"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({}, "Invalid value 0 for parameter 'max_results' supplied"),
        ({"max_results": 50_001}, "at most 50000"),
        ({"max_results": 1, "page_token": "x"}, "Invalid page token"),
        ({"max_results": 1, "filter": "foo = 'x'"}, "Invalid attribute key 'foo'"),
        ({"max_results": 1, "view_type": "SOME"}, "view_type"),
    ],
)
def test_bad_search_is_refused(wire, body, told):
    status, _, message = wire.fails("POST", "experiments/search", body)
    assert status == 400
    assert told in message


def test_tags_are_set_replaced_and_deleted(wire):
    wire.post("experiments/set-experiment-tag", {"experiment_id": "0", "key": "k", "value": "1\n2"})
    wire.post("experiments/set-experiment-tag", {"experiment_id": "0", "key": "k", "value": ""})
    assert wire.get("experiments/get", experiment_id="0")["experiment"]["tags"] == [{"key": "k", "value": ""}]
    wire.post("experiments/delete-experiment-tag", {"experiment_id": "0", "key": "k"})
    status, _, message = wire.fails("POST", "experiments/delete-experiment-tag", {"experiment_id": "0", "key": "k"})
    assert (status, message) == (404, "No tag with name: k in experiment with id 0")
