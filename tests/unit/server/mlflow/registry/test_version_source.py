from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from millwright.core.ids import ExperimentId, RunId
from millwright.core.records.experiment import ExperimentRecord
from millwright.core.records.logged_model import LoggedModelRecord
from millwright.core.records.run import RunRecord, RunStatus
from millwright.server.mlflow.registry.version_source import source_model

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RUN = "r" * 32
MODEL = "m-" + "1" * 32
INSIDE = f"mlflow-artifacts:/7/{RUN}/artifacts"


@pytest.fixture
def ask(wire):
    """Registers a version; what it became, or what was said against it."""
    stores = wire.workspace.stores
    stores.experiments.create(ExperimentRecord(id=ExperimentId("7"), name="e", created_at=NOW))
    run = {"experiment_id": ExperimentId("7"), "name": "r", "status": RunStatus.RUNNING, "started_at": NOW}
    stores.runs.create_run(RunRecord(id=RunId(RUN), artifact_uri=INSIDE, **run))
    stores.runs.create_run(RunRecord(id=RunId("local"), artifact_uri="file:///data/run/artifacts", **run))
    stores.logged_models.create(
        LoggedModelRecord(
            id=MODEL,
            experiment_id=ExperimentId("7"),
            name="m",
            artifact_location=f"mlflow-artifacts:/7/models/{MODEL}/artifacts",
            created_at=NOW,
            updated_at=NOW,
            source_run_id=RunId(RUN),
        )
    )
    wire.post("registered-models/create", {"name": "a"})

    def asked(source: str, **more: Any) -> Any:
        answer = wire.ask("POST", "model-versions/create", {"name": "a", "source": source, **more})
        return answer.json().get("model_version") or answer.json()["message"]

    return asked


@pytest.mark.parametrize(
    ("source", "more"),
    [
        ("s3://bucket/model", {}),
        ("s3://bucket/model", {"run_id": RUN}),
        (f"{INSIDE}/model", {"run_id": RUN}),
        (INSIDE, {"run_id": RUN}),
        (f"runs:/{RUN}/model", {"run_id": RUN}),
        (f"models:/{MODEL}", {"model_id": MODEL}),
        (f"mlflow-artifacts:/7/models/{MODEL}/artifacts", {"model_id": MODEL}),
        ("/data/run/artifacts/model", {"run_id": "local"}),
        ("file:///data/run/artifacts", {"run_id": "local"}),
    ],
)
def test_source_inside_its_run_or_logged_model_or_far_away_is_fine(ask, source, more):
    assert ask(source, **more)["source"] == source


@pytest.mark.parametrize("more", [{}, {"run_id": RUN}, {"model_id": MODEL}, {"run_id": "local"}])
@pytest.mark.parametrize(
    "source",
    [
        "/etc/passwd",
        "etc",
        "../etc",
        "~/secret",
        "file:///etc",
        "FILE:///etc",
        "file://host/etc",
        "file:/data/run/artifacts/../../x",
        "/data/run/artifacts-other",
        "c:/windows",
        "local:/etc",
        "simplecache::file:///etc",
        "s3://bucket/../x",
        "s3://bucket/%2e%2e/x",
        "s3://bucket/%252e%252e%252fx",
        "s3://bucket/x#/../y",
        "s3://bucket/x#y",
        "s3://bucket/x%00",
        "http://host/api/2.0/mlflow-artifacts/artifacts/../../x",
        "http://host/api/2.0/mlflow-artifacts/artifacts/x",
        "http://host/x?path=../y",
        "mlflow-artifacts:/8/other/artifacts",
        f"{INSIDE}-other",
        f"{INSIDE}/%2e%2e/x",
        "mlflow-artifacts://host/7",
        "mlflow-artifacts:",
        "runs:/other/model",
        f"runs://host/{RUN}/model",
        "models:/m-2",
        "models://host/a/1",
        "http://[bad",
        "s3://x\\..\\y",
    ],
)
def test_source_that_leads_elsewhere_is_refused(ask, source, more):
    told = ask(source, **more)
    assert isinstance(told, str)
    assert "nvalid model version source" in told


def test_source_of_an_unknown_run_is_refused(ask):
    assert "The run_id request parameter must identify" in ask(f"{INSIDE}/model", run_id="nobody")
    assert ask("s3://x", model_id="nobody") == "Logged model with ID 'nobody' not found."


def test_logged_model_gives_its_run_and_place_and_learns_of_its_versions(ask, wire):
    made = ask(f"models:/{MODEL}", model_id=MODEL)
    assert (made["run_id"], made["model_id"]) == (RUN, MODEL)
    place = wire.get("model-versions/get-download-uri", name="a", version="1")["artifact_uri"]
    assert place == f"mlflow-artifacts:/7/models/{MODEL}/artifacts"
    tags = wire.workspace.stores.logged_models.get(MODEL).tags
    assert tags == {"mlflow.modelVersions": '[{"name": "a", "version": 1}]'}


def test_version_of_a_version_takes_over_where_that_came_from(ask, wire):
    ask(f"{INSIDE}/model", run_id=RUN)
    wire.post("registered-models/alias", {"name": "a", "alias": "best", "version": "1"})
    for source in ("models:/a/1", "models:/a@best", "models:/a/latest"):
        made = ask(source)
        assert made["run_id"] == RUN
        place = wire.get("model-versions/get-download-uri", name="a", version=made["version"])["artifact_uri"]
        assert place == f"{INSIDE}/model"
    assert "must match the referenced model version" in ask("models:/a/1", run_id="other")
    assert ask("models:/a/77") == "Model Version (name=a, version=77) not found"
    assert ask("models:/nowhere/1") == "Registered Model with name=nowhere not found"
    assert "No versions of model" in ask("models:/a/Production")


def test_registered_model_that_a_source_names_is_found_for_permissions():
    named = {"models:/a/1": "a", "models:/a@x": "a", "models://a/1": "a", "models:/m-1": "", "s3://a/1": "", "": ""}
    assert {source: source_model(source) for source in named} == named
