from __future__ import annotations

import pytest

from millwright.core.records.model import ModelVersionState
from millwright.registry.draft import VersionDraft


@pytest.fixture
def versions(wire):
    wire.post("registered-models/create", {"name": "a"})
    for _ in range(2):
        wire.post("model-versions/create", {"name": "a", "source": "s3://x"})


def at(wire, alias):
    return wire.get("registered-models/alias", name="a", alias=alias)["model_version"]


def test_alias_points_moves_and_goes(wire, versions):
    for version in ("1", "2"):
        wire.post("registered-models/alias", {"name": "a", "alias": "champion", "version": version})
        assert (at(wire, "champion")["version"], at(wire, "champion")["aliases"]) == (version, ["champion"])
    for _ in range(2):
        wire.delete("registered-models/alias", {"name": "a", "alias": "champion"})
    told = wire.fails("GET", "registered-models/alias", None, params={"name": "a", "alias": "champion"})
    assert told == (400, "INVALID_PARAMETER_VALUE", "Registered model alias champion not found.")


def test_latest_is_the_newest_version(wire, versions):
    assert at(wire, "latest")["version"] == "2"
    wire.post("registered-models/create", {"name": "empty"})
    told = wire.fails("GET", "registered-models/alias", None, params={"name": "empty", "alias": "Latest"})
    assert told == (404, "RESOURCE_DOES_NOT_EXIST", "Latest version not found for model empty.")


@pytest.mark.parametrize(
    ("alias", "message"),
    [
        ("v1", "Version alias name 'v1' is reserved."),
        ("LATEST", "'latest' alias name (case insensitive) is reserved."),
        ("c h", "Invalid alias name: 'c h'. Names may only contain alphanumerics"),
        ("x" * 256, "'Registered model alias name' exceeds the maximum length of 255 characters"),
    ],
)
def test_alias_must_be_one_that_mlflow_allows(wire, versions, alias, message):
    body = {"name": "a", "alias": alias, "version": "1"}
    assert message in wire.fails("POST", "registered-models/alias", body)[2]


def test_champion_of_a_model_with_packages_is_protected_by_the_policy(wire):
    stores, registry = wire.workspace.stores, wire.workspace.registry
    package = stores.artifacts.put(b"package")
    draft = VersionDraft(name="a", package=package, size_bytes=7, flavor="sklearn", signature={})
    version = registry.register(draft)
    body = {"name": "a", "version": "1"}
    status, code, told = wire.fails("POST", "registered-models/alias", {**body, "alias": "champion"})
    assert (status, code) == (409, "RESOURCE_CONFLICT")
    assert "nobody approved it" in told
    wire.post("registered-models/alias", {**body, "alias": "shadow"})
    registry.approve("a", version.version, reason="Seen.")
    wire.post("registered-models/alias", {**body, "alias": "champion"})
    assert stores.models.get_version("a", 1).state is ModelVersionState.APPROVED
    location = "mlflow-artifacts:/registry/a/1"
    assert wire.get("model-versions/get-download-uri", **body) == {"artifact_uri": location}
    assert [file.path for file in stores.files.walk("registry")] == ["registry/a/1/package.zip"]
