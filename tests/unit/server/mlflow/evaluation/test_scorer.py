from __future__ import annotations

import re

import pytest

from millwright.server.mlflow.evaluation.scorer import ROUTES

SCORERS = "/api/3.0/mlflow/scorers"
JUDGE = '{"name": "s", "instructions_judge_pydantic_data": {"model": "openai:/gpt-4"}}'


def register(wire, name="s", experiment_id="0", serialized=JUDGE):
    body = {"experiment_id": experiment_id, "name": name, "serialized_scorer": serialized}
    return wire.post(f"{SCORERS}/register", body)


def listed(wire, **query):
    found = wire.get(f"{SCORERS}/list", **query).get("scorers", [])
    return [(each["experiment_id"], each["scorer_name"], each["scorer_version"]) for each in found]


@pytest.fixture
def other(wire):
    return wire.post("experiments/create", {"name": "other"})["experiment_id"]


def test_scorer_is_registered_in_versions(wire):
    first, second = register(wire), register(wire, serialized="{}")
    assert (first["version"], second["version"], first["name"], first["experiment_id"]) == (1, 2, "s", "0")
    assert first["scorer_id"] == second["scorer_id"]
    assert re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", first["scorer_id"])
    assert first["serialized_scorer"] == JUDGE
    assert first["creation_time"] > 1_600_000_000_000
    kept = wire.get(f"{SCORERS}/get", experiment_id="0", name="s", version=1)["scorer"]
    assert kept == {
        "experiment_id": 0, "scorer_name": "s", "scorer_version": 1, "serialized_scorer": JUDGE,
        "creation_time": first["creation_time"], "scorer_id": first["scorer_id"],
    }  # fmt: skip
    assert wire.get(f"{SCORERS}/get", experiment_id="0", name="s")["scorer"]["scorer_version"] == 2
    versions = wire.get(f"{SCORERS}/versions", experiment_id="0", name="s")["scorers"]
    assert [each["scorer_version"] for each in versions] == [1, 2]


def test_list_is_of_one_experiment_of_some_or_of_all(wire, other):
    for name, experiment_id in (("b", "0"), ("a", "0"), ("b", "0"), ("c", other)):
        register(wire, name, experiment_id)
    of_default = [(0, "a", 1), (0, "b", 2)]
    assert listed(wire) == listed(wire, experiment_ids=[other, "0"]) == [*of_default, (int(other), "c", 1)]
    assert listed(wire, experiment_id="0") == listed(wire, experiment_ids=["0", "777"]) == of_default
    assert listed(wire, experiment_ids="777") == []
    assert wire.fails("GET", f"{SCORERS}/list", params={"experiment_id": "777"})[0] == 404
    both = {"experiment_id": "0", "experiment_ids": "0"}
    assert wire.fails("GET", f"{SCORERS}/list", params=both)[2].startswith("Cannot specify both 'experiment_id' and")
    assert wire.fails("GET", f"{SCORERS}/list", params={"experiment_ids": ""})[2] == "Invalid experiment ID: ''"


def test_scorer_is_removed_by_version_or_as_a_whole(wire):
    made = [register(wire) for _ in range(2)]
    assert wire.delete(f"{SCORERS}/delete", {"experiment_id": "0", "name": "s", "version": 1}) == {}
    assert listed(wire) == [(0, "s", 2)]
    gone = wire.fails("DELETE", f"{SCORERS}/delete", {"experiment_id": "0", "name": "s", "version": 1})
    assert gone[2] == "Scorer with name 's' and version 1 not found for experiment 0."
    assert wire.delete(f"{SCORERS}/delete", {"experiment_id": "0", "name": "s"}) == {}
    assert listed(wire) == []
    assert register(wire)["scorer_id"] != made[0]["scorer_id"]


def test_unknown_scorer_is_404(wire):
    message = "Scorer with name 'no' not found for experiment 0."
    for method, path in (("GET", "get"), ("GET", "versions")):
        told = wire.fails(method, f"{SCORERS}/{path}", params={"experiment_id": "0", "name": "no"})
        assert told == (404, "RESOURCE_DOES_NOT_EXIST", message)
    assert wire.fails("DELETE", f"{SCORERS}/delete", {"experiment_id": "0", "name": "no"})[2] == message
    for version in (2**31, -1, 10**20):
        query = {"experiment_id": "0", "name": "no", "version": version}
        assert wire.fails("GET", f"{SCORERS}/get", params=query)[0] == 400


def test_scorers_of_a_deleted_experiment_are_hidden(wire, other):
    register(wire, "s", other)
    wire.post("experiments/delete", {"experiment_id": other})
    assert listed(wire) == listed(wire, experiment_ids=other) == []
    told = wire.fails("GET", f"{SCORERS}/get", params={"experiment_id": other, "name": "s"})
    message = f"The experiment {other} must be in the 'active' state. Current state is deleted."
    assert told == (400, "INVALID_PARAMETER_VALUE", message)
    assert wire.fails("GET", f"{SCORERS}/list", params={"experiment_id": other})[2] == message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"experiment_id": None}, "Missing value for required parameter 'experiment_id'"),
        ({"name": None}, "Missing value for required parameter 'name'"),
        ({"serialized_scorer": None}, "Missing value for required parameter 'serialized_scorer'"),
        ({"name": " "}, "Scorer name cannot be empty or contain only whitespace."),
        ({"name": "x" * 257}, "'name' exceeds the maximum length of 256 characters"),
        ({"serialized_scorer": "nope"}, "serialized_scorer must be valid JSON"),
        ({"serialized_scorer": '{"call_source": "x"}'}, "Custom scorer registration"),
        ({"serialized_scorer": '{"builtin_scorer_pydantic_data": {"model": " "}}'}, "Scorer model cannot be empty"),
    ],
    ids=str,
)
def test_scorer_that_cannot_be_kept_is_refused(wire, changes, message):
    body = {"experiment_id": "0", "name": "s", "serialized_scorer": JUDGE, **changes}
    status, code, told = wire.fails("POST", f"{SCORERS}/register", body)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert message in told
    assert listed(wire) == []


def test_scorer_of_an_experiment_that_is_not_there_is_404(wire):
    body = {"experiment_id": "777", "name": "s", "serialized_scorer": JUDGE}
    told = wire.fails("POST", f"{SCORERS}/register", body)
    assert told == (404, "RESOURCE_DOES_NOT_EXIST", "No Experiment with id=777 exists")


def test_no_scorer_judges_by_itself(wire):
    assert wire.get(f"{SCORERS}/online-configs", scorer_ids=["a", "b"]) == {"configs": []}
    told = wire.fails("GET", f"{SCORERS}/online-configs")
    assert told[2].startswith("Missing value for required parameter 'scorer_ids'")


def test_every_endpoint_is_of_version_3_only():
    assert {route.versions for route in ROUTES} == {(3,)}
