from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def add(wire):
    wire.post("registered-models/create", {"name": "a"})

    def added(**more: Any) -> Any:
        return wire.post("model-versions/create", {"name": "a", "source": "s3://x", **more})["model_version"]

    return added


def refs(answer):
    return [f"{each['name']}@{each['version']}" for each in answer.get("model_versions", [])]


def test_version_is_sent_with_every_field_that_clients_read(wire, add):
    made = add(run_link="l", description="d", tags=[{"key": "k", "value": "v"}], run_id="r")
    assert {key: value for key, value in made.items() if "timestamp" not in key} == {
        "name": "a",
        "version": "1",
        "current_stage": "None",
        "description": "d",
        "source": "s3://x",
        "run_id": "r",
        "status": "READY",
        "run_link": "l",
        "tags": [{"key": "k", "value": "v"}],
    }
    assert wire.get("model-versions/get", name="a", version="1")["model_version"] == made
    assert wire.get("model-versions/get-download-uri", name="a", version="1") == {"artifact_uri": "s3://x"}


def test_same_source_twice_is_two_versions(wire, add):
    assert [add()["version"], add()["version"]] == ["1", "2"]


def test_deleted_version_keeps_its_number_used(wire, add):
    add()
    wire.post("registered-models/alias", {"name": "a", "alias": "best", "version": "1"})
    wire.delete("model-versions/delete", {"name": "a", "version": "1"})
    assert wire.fails("GET", "model-versions/get", None, params={"name": "a", "version": "1"})[2] == (
        "Model Version (name=a, version=1) not found"
    )
    told = wire.fails("GET", "registered-models/alias", None, params={"name": "a", "alias": "best"})
    assert told[2] == "Registered model alias best not found."
    assert add()["version"] == "2"


@pytest.mark.parametrize("version", ["9", "-1", "99999999999999"])
def test_unknown_version_is_404(wire, add, version):
    told = wire.fails("GET", "model-versions/get", None, params={"name": "a", "version": version})
    assert told == (404, "RESOURCE_DOES_NOT_EXIST", f"Model Version (name=a, version={version}) not found")


def test_version_must_be_an_integer(wire, add):
    told = wire.fails("GET", "model-versions/get", None, params={"name": "a", "version": "x"})
    assert told == (400, "INVALID_PARAMETER_VALUE", "Parameter 'version' must be an integer, got 'x'.")


def test_stage_archives_the_others_when_asked(wire, add):
    for _ in range(2):
        add()
    body = {"name": "a", "stage": "production", "archive_existing_versions": True}
    for version in ("1", "2"):
        moved = wire.post("model-versions/transition-stage", {**body, "version": version})["model_version"]
        assert moved["current_stage"] == "Production"
    assert wire.get("model-versions/get", name="a", version="1")["model_version"]["current_stage"] == "Archived"
    status, _, told = wire.fails("POST", "model-versions/transition-stage", {**body, "version": "1", "stage": "None"})
    assert (status, "'None' is not an Active stage" in told) == (400, True)


def test_version_is_described_and_tagged(wire, add):
    add()
    body = {"name": "a", "version": "1"}
    assert wire.patch("model-versions/update", {**body, "description": "d"})["model_version"]["description"] == "d"
    wire.post("model-versions/set-tag", {**body, "key": "k", "value": "v"})
    wire.post("model-versions/set-tag", {**body, "key": "l", "value": "w"})
    wire.delete("model-versions/delete-tag", {**body, "key": "l"})
    assert wire.get("model-versions/get", **body)["model_version"]["tags"] == [{"key": "k", "value": "v"}]
    assert (
        "Names may only contain" in wire.fails("POST", "model-versions/set-tag", {**body, "key": "$", "value": ""})[2]
    )
    assert (
        "'value' exceeds"
        in wire.fails("POST", "model-versions/set-tag", {**body, "key": "k", "value": "x" * 100_001})[2]
    )


def test_search_finds_by_run_number_and_tag_newest_first(wire, add):
    for number in range(3):
        add(run_id=f"r{number}", tags=[{"key": "n", "value": str(number)}])
    wire.patch("model-versions/update", {"name": "a", "version": "1", "description": "later"})
    assert refs(wire.get("model-versions/search"))[0] == "a@1"
    for text, found in {
        "run_id = 'r1'": ["a@2"],
        "run_id IN ('r1','r2')": ["a@3", "a@2"],
        "version_number > 1": ["a@3", "a@2"],
        "version_number = 1": ["a@1"],
        "tags.n = '2' and name = 'a'": ["a@3"],
        "source_path LIKE 'S3%'": [],
    }.items():
        assert refs(wire.get("model-versions/search", filter=text)) == found, text
    for text in (
        "version_number = 1.5",
        "creation_timestamp > 1",
        "name > 'a'",
        "name = 'a' or name = 'b'",
        "tags.n IN ('a')",
    ):
        assert wire.fails("GET", "model-versions/search", None, params={"filter": text})[0] == 400, text
    for more in ({"max_results": 0}, {"max_results": 200_001}, {"order_by": "colour"}, {"page_token": "x"}):
        assert wire.fails("GET", "model-versions/search", None, params=more)[0] == 400, more


def test_version_of_a_prompt_needs_a_placeholder_as_source(wire, add):
    tags = [{"key": "mlflow.prompt.is_prompt", "value": "true"}]
    wire.post("registered-models/create", {"name": "p", "tags": tags})
    body = {"name": "p", "tags": tags}
    assert wire.post("model-versions/create", {**body, "source": "dummy-source"})["model_version"]["version"] == "1"
    assert "Invalid prompt source" in wire.fails("POST", "model-versions/create", {**body, "source": "/etc/passwd"})[2]
    assert refs(wire.get("model-versions/search")) == []


def test_run_leads_to_its_version_in_the_lineage(wire, add):
    from millwright.core.records.audit import NodeKind

    add(run_id="r")
    edges = wire.workspace.stores.lineage.downstream(NodeKind.RUN, "r")
    assert [(edge.relation, edge.target_id) for edge in edges] == [("wrote", "a@1")]
