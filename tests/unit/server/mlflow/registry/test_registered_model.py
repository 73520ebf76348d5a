from __future__ import annotations

import pytest

PROMPT = [{"key": "mlflow.prompt.is_prompt", "value": "true"}]


def create(wire, name="a", **more):
    return wire.post("registered-models/create", {"name": name, **more})["registered_model"]


def names(answer):
    return [model["name"] for model in answer.get("registered_models", [])]


def test_model_comes_back_as_it_was_created(wire):
    made = create(wire, description="d", tags=[{"key": "k", "value": "v"}, {"key": "empty", "value": ""}])
    assert made == wire.get("registered-models/get", name="a")["registered_model"]
    assert made["description"] == "d"
    assert made["tags"] == [{"key": "k", "value": "v"}, {"key": "empty", "value": ""}]
    assert set(create(wire, "b")) == {"name", "creation_timestamp", "last_updated_timestamp"}


def test_taken_name_is_refused_as_mlflow_words_it(wire):
    create(wire)
    create(wire, "p", tags=PROMPT)
    assert wire.fails("POST", "registered-models/create", {"name": "a"}) == (
        400,
        "RESOURCE_ALREADY_EXISTS",
        "Registered Model (name=a) already exists.",
    )
    told = wire.fails("POST", "registered-models/create", {"name": "p"})[2]
    assert told.startswith(
        "Tried to create a registered model with name 'p', but the name is already taken by a prompt"
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "Missing value for required parameter 'name'. See the API docs"),
        ("  ", "Missing value for required parameter 'name'."),
        ("a/b", "Invalid model name 'a/b'. Names cannot contain '/' or ':'."),
        ("a:b", "Invalid model name 'a:b'"),
        ("..", "would resolve to '..'"),
        ("a\nb", "control characters"),
        ("x" * 257, "maximum length of 256"),
    ],
)
def test_name_must_be_one_that_mlflow_allows(wire, name, message):
    status, code, told = wire.fails("POST", "registered-models/create", {"name": name})
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert message in told


@pytest.mark.parametrize(
    ("method", "path", "more"),
    [
        ("GET", "get", {}),
        ("PATCH", "update", {}),
        ("POST", "rename", {"new_name": "b"}),
        ("DELETE", "delete", {}),
        ("POST", "get-latest-versions", {}),
        ("POST", "set-tag", {"key": "k", "value": "v"}),
        ("DELETE", "delete-tag", {"key": "k"}),
        ("DELETE", "alias", {"alias": "k"}),
        ("GET", "alias", {"alias": "k"}),
    ],
)
def test_unknown_model_is_404_everywhere(wire, method, path, more):
    told = wire.fails(method, f"registered-models/{path}", {"name": "nowhere", **more})
    assert told == (404, "RESOURCE_DOES_NOT_EXIST", "Registered Model with name=nowhere not found")


def test_model_is_described_renamed_tagged_and_deleted(wire):
    create(wire)
    create(wire, "other")
    wire.post("model-versions/create", {"name": "a", "source": "s3://x"})
    wire.post("registered-models/alias", {"name": "a", "alias": "best", "version": "1"})
    assert wire.patch("registered-models/update", {"name": "a", "description": "d"})["registered_model"]["description"]
    wire.post("registered-models/set-tag", {"name": "a", "key": "k", "value": "v"})
    wire.post("registered-models/set-tag", {"name": "a", "key": "gone", "value": ""})
    for _ in range(2):
        wire.delete("registered-models/delete-tag", {"name": "a", "key": "gone"})
    assert wire.fails("POST", "registered-models/rename", {"name": "a", "new_name": "other"})[2] == (
        "Registered Model (name=other) already exists."
    )
    renamed = wire.post("registered-models/rename", {"name": "a", "new_name": "b"})["registered_model"]
    assert renamed["name"] == "b"
    assert renamed["tags"] == [{"key": "k", "value": "v"}]
    assert renamed["aliases"] == [{"alias": "best", "version": "1"}]
    assert renamed["latest_versions"][0]["name"] == "b"
    wire.delete("registered-models/delete", {"name": "b"})
    assert names(wire.get("registered-models/search")) == ["other"]


def test_every_change_has_an_audit_entry_in_the_callers_name(wire):
    create(wire)
    wire.post("registered-models/set-tag", {"name": "a", "key": "k", "value": "v"})
    wire.post("model-versions/create", {"name": "a", "source": "s3://x"})
    entries = list(wire.workspace.stores.audit.iter())
    assert [entry.action for entry in entries] == ["model.create", "model.set_tags", "model.register"]
    assert {entry.actor for entry in entries} == {wire.workspace.actor}


def test_search_pages_through_models_and_leaves_prompts_out(wire):
    for name in ("c", "a", "b"):
        create(wire, name)
    create(wire, "p", tags=PROMPT)
    first = wire.get("registered-models/search", max_results=2)
    assert names(first) == ["a", "b"]
    second = wire.get("registered-models/search", max_results=2, page_token=first["next_page_token"])
    assert names(second) == ["c"]
    assert "next_page_token" not in second
    assert names(wire.get("registered-models/search", order_by="name DESC")) == ["c", "b", "a"]
    for text in ("tags.`mlflow.prompt.is_prompt` = 'true'", "tags.`mlflow.prompt.is_prompt` != 'false'"):
        assert names(wire.get("registered-models/search", filter=text)) == ["p"]
    assert names(wire.get("registered-models/search", filter="name ILIKE 'A%'")) == ["a"]


def test_latest_versions_are_told_per_stage(wire):
    create(wire)
    for _ in range(3):
        wire.post("model-versions/create", {"name": "a", "source": "s3://x"})
    wire.post("model-versions/transition-stage", {"name": "a", "version": "1", "stage": "staging"})
    every = wire.post("registered-models/get-latest-versions", {"name": "a"})["model_versions"]
    assert [(each["version"], each["current_stage"]) for each in every] == [("1", "Staging"), ("3", "None")]
    asked = wire.get("registered-models/get-latest-versions", name="a", stages=["Staging"])["model_versions"]
    assert [each["version"] for each in asked] == ["1"]
    assert (
        "Value must be one of None, Staging"
        in wire.fails("POST", "registered-models/get-latest-versions", {"name": "a", "stages": ["x"]})[2]
    )
