from __future__ import annotations

import re

import pytest


def create(wire, **fields):
    return wire.post("logged-models", {"experiment_id": "0", "name": "model", **fields})["model"]


def ids(wire, **query):
    return [
        m["info"]["model_id"]
        for m in wire.post("logged-models/search", {"experiment_ids": ["0"], **query}).get("models", [])
    ]


def test_model_is_created_with_its_place_and_comes_back(wire):
    model = create(wire, model_type="agent", params=[{"key": "a", "value": "1"}], tags=[{"key": "t", "value": "x"}])
    info = model["info"]
    assert re.fullmatch("m-[0-9a-f]{32}", info["model_id"])
    assert info["artifact_uri"] == f"mlflow-artifacts:/0/models/{info['model_id']}/artifacts"
    assert (info["status"], info["model_type"], info["name"]) == ("LOGGED_MODEL_PENDING", "agent", "model")
    assert info["creation_timestamp_ms"] == info["last_updated_timestamp_ms"] > 1_600_000_000_000
    assert info["tags"] == [{"key": "t", "value": "x"}]
    assert model["data"] == {"params": [{"key": "a", "value": "1"}]}
    assert wire.get(f"logged-models/{info['model_id']}")["model"] == model


def test_model_without_a_name_gets_one_and_a_bad_name_is_refused(wire):
    assert create(wire, name=None)["info"]["name"]
    for name in ("a/b", "a:b", "a.b", "a%b", 'a"b', "a'b"):
        status, code, message = wire.fails("POST", "logged-models", {"experiment_id": "0", "name": name})
        assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
        assert message.startswith("Invalid model name (")


def test_unknown_experiment_and_model_are_404(wire):
    told = wire.fails("POST", "logged-models", {"experiment_id": "77", "name": "x"})
    assert told == (404, "RESOURCE_DOES_NOT_EXIST", "No Experiment with id=77 exists")
    missing = (404, "RESOURCE_DOES_NOT_EXIST", "Logged model with ID 'm-x' not found.")
    assert wire.fails("GET", "logged-models/m-x") == missing
    assert wire.fails("DELETE", "logged-models/m-x") == missing
    assert wire.fails("PATCH", "logged-models/m-x", {"model_id": "m-x", "status": 2}) == missing
    assert wire.fails("POST", "logged-models/m-x/params", {"params": []}) == missing
    assert wire.fails("PATCH", "logged-models/m-x/tags", {"tags": []}) == missing
    assert wire.fails("DELETE", "logged-models/m-x/tags/a") == missing
    assert wire.fails("GET", "logged-models/m-x/artifacts/directories") == missing


@pytest.mark.parametrize("status", ["LOGGED_MODEL_READY", 2])
def test_model_is_finished_by_name_or_number(wire, status):
    model_id = create(wire)["info"]["model_id"]
    told = wire.patch(f"logged-models/{model_id}", {"model_id": model_id, "status": status})
    assert told["model"]["info"]["status"] == "LOGGED_MODEL_READY"
    assert wire.fails("PATCH", f"logged-models/{model_id}", {"model_id": model_id, "status": "NOPE"})[0] == 400


def test_deleted_model_is_shown_only_when_asked_for(wire):
    model_id = create(wire)["info"]["model_id"]
    assert wire.delete(f"logged-models/{model_id}") == {}
    assert wire.fails("GET", f"logged-models/{model_id}")[0] == 404
    assert wire.get(f"logged-models/{model_id}", allow_deleted="true")["model"]["info"]["model_id"] == model_id
    assert ids(wire) == []


def test_tags_are_replaced_and_parameters_are_not(wire):
    model_id = create(wire)["info"]["model_id"]
    wire.patch(f"logged-models/{model_id}/tags", {"tags": [{"key": "a", "value": "1"}, {"key": "b", "value": "1"}]})
    wire.patch(f"logged-models/{model_id}/tags", {"tags": [{"key": "a", "value": "2"}]})
    wire.delete(f"logged-models/{model_id}/tags/b")
    wire.post(f"logged-models/{model_id}/params", {"params": [{"key": "p", "value": "1"}]})
    assert wire.fails("POST", f"logged-models/{model_id}/params", {"params": [{"key": "p", "value": "2"}]})[0] == 400
    model = wire.get(f"logged-models/{model_id}")["model"]
    assert model["info"]["tags"] == [{"key": "a", "value": "2"}]
    assert model["data"]["params"] == [{"key": "p", "value": "1"}]


def test_search_pages_through_what_fits(wire):
    made = [create(wire, name=name, params=[{"key": "n", "value": name}])["info"]["model_id"] for name in "abcab"]
    assert sorted(ids(wire, filter="name = 'a'")) == sorted([made[0], made[3]])
    assert ids(wire, filter="params.n = 'c' AND attributes.name LIKE 'c%'") == [made[2]]
    assert ids(wire, filter="metrics.x > 1") == []
    ordered = {"order_by": [{"field_name": "name", "ascending": True}], "max_results": 2, "experiment_ids": ["0"]}
    page, found = wire.post("logged-models/search", ordered), []
    while True:
        found += [m["info"]["name"] for m in page["models"]]
        if "next_page_token" not in page:
            break
        page = wire.post("logged-models/search", {**ordered, "page_token": page["next_page_token"]})
    assert found == ["a", "a", "b", "b", "c"]
    assert wire.post("logged-models/search", {"experiment_ids": ["77"]}) == {}


@pytest.mark.parametrize(
    "query",
    [
        {"filter": "nonsense"},
        {"filter": "name > 'a'"},
        {"filter": "nope.a = 'x'"},
        {"filter": "nope = 'x'"},
        {"order_by": [{"field_name": "params.x"}]},
        {"order_by": [{"field_name": "nope"}]},
        {"page_token": "nonsense"},
        {"datasets": [{"dataset_digest": "x"}]},
        {"max_results": -1},
    ],
    ids=str,
)
def test_search_refuses_what_it_cannot_read(wire, query):
    status, code, _ = wire.fails("POST", "logged-models/search", {"experiment_ids": ["0"], **query})
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")


def test_search_names_its_experiments(wire):
    assert "parameter 'experiment_ids'" in wire.fails("POST", "logged-models/search", {})[2]
    assert wire.post("logged-models/search", {"experiment_ids": []}) == {}


def test_files_of_a_model_are_listed_and_sent(wire):
    info = create(wire)["info"]
    path = info["artifact_uri"].removeprefix("mlflow-artifacts:/")
    wire.ask("PUT", f"/api/2.0/mlflow-artifacts/artifacts/{path}/sub/MLmodel", content=b"x: 1")
    listed = wire.get(f"logged-models/{info['model_id']}/artifacts/directories")
    assert listed == {"root_uri": info["artifact_uri"], "files": [{"path": "sub", "is_dir": True}]}
    below = wire.get(f"logged-models/{info['model_id']}/artifacts/directories", artifact_directory_path="sub")
    assert below["files"] == [{"path": "sub/MLmodel", "is_dir": False, "file_size": 4}]
    files = f"/ajax-api/2.0/mlflow/logged-models/{info['model_id']}/artifacts/files"
    assert wire.ask("GET", files, params={"artifact_file_path": "sub/MLmodel"}).content == b"x: 1"
    assert wire.fails("GET", files)[1] == "BAD_REQUEST"
    assert wire.fails("GET", files, params={"artifact_file_path": "../../../x"})[2] == "Invalid path"
