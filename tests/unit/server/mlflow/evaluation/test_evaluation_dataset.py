from __future__ import annotations

import json
import re

import pytest

from millwright.server.mlflow.evaluation.evaluation_dataset import (
    MAX_EXPERIMENTS,
    MAX_NAME,
    MAX_TAG_KEY,
    MAX_TAG_VALUE,
    ROUTES,
)

DATASETS = "/api/3.0/mlflow/datasets"


def create(wire, name="questions", **more):
    return wire.post(f"{DATASETS}/create", {"name": name, **more})["dataset"]


def names(wire, **query):
    return [each["name"] for each in wire.post(f"{DATASETS}/search", query).get("datasets", [])]


def put(wire, dataset, *records: object):
    return wire.post(f"{DATASETS}/{dataset['dataset_id']}/records", {"records": json.dumps(records)})


def records_of(wire, dataset, **query):
    return json.loads(wire.get(f"{DATASETS}/{dataset['dataset_id']}/records", **query)["records"])


def test_dataset_is_created_and_comes_back(wire):
    made = create(wire, experiment_ids=["0", "77", "0"], tags=json.dumps({"mlflow.user": "ada", "v": 1, "no": None}))
    assert re.fullmatch("d-[0-9a-f]{32}", made["dataset_id"])
    assert made["experiment_ids"] == ["0", "77"]
    assert json.loads(made["tags"]) == {"mlflow.user": "ada", "v": "1"}
    assert (made["created_by"], made["last_updated_by"]) == ("ada", "ada")
    assert made["created_time"] == made["last_update_time"] > 1_600_000_000_000
    assert len(made.pop("digest")) == 8
    assert {"schema", "profile"}.isdisjoint(made)
    found = wire.get(f"{DATASETS}/{made['dataset_id']}")["dataset"]
    del found["digest"], made["experiment_ids"]  # clients ask for the experiments when they need them
    assert found == made
    assert wire.get(f"{DATASETS}/{made['dataset_id']}/experiment-ids") == {"experiment_ids": ["0", "77"]}


def test_dataset_that_is_not_there_is_404_where_it_is_needed(wire):
    unknown = f"{DATASETS}/d-x"
    assert wire.fails("GET", unknown) == (
        404, "RESOURCE_DOES_NOT_EXIST", "Evaluation dataset with id 'd-x' not found",
    )  # fmt: skip
    assert wire.fails("PATCH", f"{unknown}/tags", {"tags": "{}"})[2] == "Could not find evaluation dataset with ID d-x"
    for name in ("add", "remove"):
        told = wire.fails("POST", f"{unknown}/{name}-experiments", {"experiment_ids": ["0"]})
        assert told == (404, "RESOURCE_DOES_NOT_EXIST", "Dataset 'd-x' not found")
    assert wire.fails("POST", f"{unknown}/records", {"records": '[{"inputs": {"a": 1}}]'})[0] == 404
    assert wire.get(f"{unknown}/records") == {"records": "[]"}
    assert wire.get(f"{unknown}/experiment-ids") == {}
    assert wire.delete(unknown) == wire.delete(f"{unknown}/tags/a") == {}
    assert wire.delete(f"{unknown}/records", {"dataset_record_ids": ["dr-x"]}) == {"deleted_count": 0}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Missing value for required parameter 'name'"),
        ({"name": ""}, "Missing value for required parameter 'name'"),
        ({"name": "x" * (MAX_NAME + 1)}, "'name' exceeds the maximum length of 255 characters"),
        ({"name": "a\x00b"}, "without NUL"),
        ({"name": "x", "tags": "nope"}, "Invalid value \"nope\" for parameter 'tags' supplied: Expected JSON"),
        ({"name": "x", "tags": "[1]"}, "Expected a JSON object of keys and values"),
        ({"name": "x", "tags": {"a": "b"}}, 'Invalid value {"a":"b"} for parameter \'tags\''),
        ({"name": "x", "tags": json.dumps({"k" * (MAX_TAG_KEY + 1): ""})}, "'key' exceeds"),
        ({"name": "x", "tags": json.dumps({"k": "v" * (MAX_TAG_VALUE + 1)})}, "'value' exceeds"),
        ({"name": "x", "experiment_ids": "0"}, "Invalid value \"0\" for parameter 'experiment_ids'"),
    ],
)
def test_dataset_that_makes_no_sense_is_refused(wire, body, message):
    status, code, told = wire.fails("POST", f"{DATASETS}/create", body)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert message in told


def test_records_are_added_and_merged(wire):
    dataset = create(wire)
    assert put(wire, dataset) == {"inserted_count": 0, "updated_count": 0}
    user = {"mlflow.user": "bob"}
    assert put(wire, dataset, {"inputs": {"q": "a", "n": 1}, "expectations": {"e": 1}}, {"inputs": {"q": "b"}}) == {
        "inserted_count": 2, "updated_count": 0,
    }  # fmt: skip
    again = {"inputs": {"n": 1, "q": "a"}, "outputs": "text", "expectations": {"f": 2}, "tags": user}
    assert put(wire, dataset, again) == {"inserted_count": 0, "updated_count": 1}
    first, second = records_of(wire, dataset)
    assert (first["outputs"], first["expectations"], first["tags"]) == ("text", {"e": 1, "f": 2}, user)
    assert first["last_updated_by"] == "bob"
    assert "created_by" not in first
    assert (second["outputs"], second["tags"]) == ({}, {})
    found = wire.get(f"{DATASETS}/{dataset['dataset_id']}")["dataset"]
    assert json.loads(found["profile"]) == {"num_records": 2}
    assert json.loads(found["schema"])["inputs"] == {"q": "string", "n": "integer"}
    assert found["digest"] != dataset["digest"]
    assert found["last_updated_by"] == "bob"


def test_records_are_paged_and_removed(wire):
    dataset = create(wire)
    put(wire, dataset, *({"inputs": {"n": n}} for n in range(5)))
    path = f"{DATASETS}/{dataset['dataset_id']}/records"
    found, query = [], {"max_results": 2}
    while query is not None:
        page = wire.get(path, **query)
        found.append([each["inputs"]["n"] for each in json.loads(page["records"])])
        query = {"max_results": 2, "page_token": page["next_page_token"]} if "next_page_token" in page else None
    assert found == [[0, 1], [2, 3], [4]]
    ids = [each["dataset_record_id"] for each in records_of(wire, dataset)]
    assert wire.delete(path, {"dataset_record_ids": [ids[1], "dr-x"]}) == {"deleted_count": 1}
    assert wire.delete(path) == {"deleted_count": 0}
    assert [each["inputs"]["n"] for each in records_of(wire, dataset)] == [0, 2, 3, 4]
    wire.delete(path, {"dataset_record_ids": ids})
    assert wire.get(f"{DATASETS}/{dataset['dataset_id']}")["dataset"]["profile"] == "null"
    for query in ({"max_results": -1}, {"max_results": "x"}, {"page_token": "bad"}, {"max_results": 50_001}):
        assert wire.fails("GET", path, params=query)[:2] == (400, "INVALID_PARAMETER_VALUE")


@pytest.mark.parametrize("depth", [90_000, 990])
def test_records_too_deep_to_be_kept_are_refused_or_kept(wire, depth):
    dataset = create(wire)
    records = '[{"inputs": {"a": ' + "[" * depth + "]" * depth + "}}]"
    answer = wire.ask("POST", f"{DATASETS}/{dataset['dataset_id']}/records", {"records": records})
    assert answer.status_code in {200, 400}
    assert len(records_of(wire, dataset)) == (answer.status_code == 200)


def test_tags_are_set_and_removed(wire):
    dataset = create(wire, tags=json.dumps({"a": "1", "b/c": "1"}))
    path = f"{DATASETS}/{dataset['dataset_id']}"
    assert wire.patch(f"{path}/tags", {"tags": json.dumps({"a": True, "d": [1], "e": None})}) == {}
    assert wire.delete(f"{path}/tags/b/c") == wire.delete(f"{path}/tags/b/c") == {}
    assert json.loads(wire.get(path)["dataset"]["tags"]) == {"a": "True", "d": "[1]"}
    assert wire.fails("PATCH", f"{path}/tags", {})[2].startswith("Missing value for required parameter 'tags'")
    assert wire.fails("PATCH", f"{path}/tags", {"tags": "[1]"})[:2] == (400, "INVALID_PARAMETER_VALUE")


def test_experiments_come_and_go(wire):
    other = wire.post("experiments/create", {"name": "other"})["experiment_id"]
    dataset = create(wire, experiment_ids=["0"])
    path = f"{DATASETS}/{dataset['dataset_id']}"
    added = wire.post(f"{path}/add-experiments", {"experiment_ids": [other, "0"]})["dataset"]
    assert added["dataset_id"] == dataset["dataset_id"]
    assert wire.get(f"{path}/experiment-ids")["experiment_ids"] == ["0", other]
    told = wire.fails("POST", f"{path}/add-experiments", {"experiment_ids": ["777"]})
    assert told == (404, "RESOURCE_DOES_NOT_EXIST", "No Experiment with id=777")
    assert wire.post(f"{path}/remove-experiments", {"experiment_ids": ["0", "777"]})["dataset"]["name"] == "questions"
    assert wire.get(f"{path}/experiment-ids")["experiment_ids"] == [other]


def test_search_goes_by_experiments_filters_and_orders(wire):
    create(wire, "one", experiment_ids=["0"], tags=json.dumps({"team": "x", "mlflow.user": "ada"}))
    create(wire, "two", experiment_ids=["5"])
    create(wire, "Two")
    assert names(wire) == ["Two", "two", "one"]
    assert [each["name"] for each in wire.get(f"{DATASETS}/search", order_by="name ASC")["datasets"]] == [
        "Two", "one", "two",
    ]  # fmt: skip
    assert names(wire, experiment_ids=["0", "9"]) == ["one"]
    assert names(wire, filter_string="tags.team = 'x' AND name LIKE 'o%'") == ["one"]
    assert names(wire, filter_string="name ILIKE 'two'", order_by=["name DESC"]) == ["two", "Two"]
    assert names(wire, filter_string="name IN ('one', 'Two')") == ["Two", "one"]
    assert names(wire, filter_string="created_by = 'ada' AND created_time > 100") == ["one"]
    assert names(wire, filter_string="last_update_time < 100") == []


def test_search_takes_thousands_of_experiments(wire):
    create(wire, "one", experiment_ids=["5"])
    assert names(wire, experiment_ids=[str(number) for number in range(MAX_EXPERIMENTS)]) == ["one"]


def test_search_gives_pages(wire):
    for at in range(5):
        create(wire, str(at))
    page, found = wire.get(f"{DATASETS}/search", max_results=2, order_by="name"), []
    while True:
        found += [each["name"] for each in page["datasets"]]
        if "next_page_token" not in page:
            break
        token = page["next_page_token"]
        page = wire.get(f"{DATASETS}/search", max_results=2, order_by="name", page_token=token)
    assert found == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    "query",
    [
        {"filter_string": "nope = 'x'"},
        {"filter_string": "foo.a = 'x'"},
        {"filter_string": "metrics.a = 1"},
        {"filter_string": "created_time = 'x'"},
        {"filter_string": "name = 'a' OR name = 'b'"},
        {"order_by": ["nope"]},
        {"order_by": ["created_by"]},
        {"order_by": ["tags.a"]},
        {"page_token": "nope"},
        {"experiment_ids": ["0"] * (MAX_EXPERIMENTS + 1)},
        {"max_results": -1},
        {"max_results": 0},
        {"max_results": 50_001},
        {"max_results": "x"},
    ],
    ids=lambda query: str(query)[:40],
)
def test_search_refuses_what_it_cannot_read(wire, query):
    assert wire.fails("POST", f"{DATASETS}/search", query)[:2] == (400, "INVALID_PARAMETER_VALUE")


def test_every_endpoint_is_of_version_3_only(wire):
    assert {route.versions for route in ROUTES} == {(3,)}
    assert wire.ask("POST", "datasets/create", {"name": "x"}).status_code == 404
