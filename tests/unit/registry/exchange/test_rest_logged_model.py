"""Against our own server; MLflow's own is spoken to in `tests/e2e/mlflow`."""

from __future__ import annotations

import io
from contextlib import closing

import pytest

from millwright.core.digest import digest_bytes
from millwright.core.ids import RunId
from millwright.core.progress import SilentProgress
from millwright.core.records.experiment import Lifecycle
from millwright.core.records.logged_model import LoggedModelStatus
from millwright.core.records.run import MetricPoint
from millwright.registry.exchange.content import DONE_TAG, ORIGIN_TAG, Model, Version
from millwright.registry.exchange.place import UnreachableError
from millwright.registry.exchange.rest_client import RestClient
from millwright.registry.exchange.rest_place import RestPlace
from millwright.registry.exchange.transfer import Transfer
from millwright.testing import sample


@pytest.fixture
def logged(served_url):
    """A run with a model that it logged, at the server."""
    with closing(RestClient(served_url)) as client:
        run_id = client.post("runs/create", {"experiment_id": "0", "start_time": 1})["run"]["info"]["run_id"]
        body = {
            "experiment_id": "0",
            "name": "net",
            "source_run_id": run_id,
            "params": [{"key": "depth", "value": "3"}],
            "tags": [{"key": "team", "value": "b"}],
        }
        model_id = client.post("logged-models", body)["model"]["info"]["model_id"]
        client.upload(f"0/models/{model_id}/artifacts/data/MLmodel", io.BytesIO(b"flavors: {}"))
        client.ask("PATCH", f"logged-models/{model_id}", {"model_id": model_id, "status": "LOGGED_MODEL_READY"})
        client.post("runs/outputs", {"run_id": run_id, "models": [{"model_id": model_id, "step": 4}]})
    return model_id, RunId(run_id)


def test_logged_models_of_a_server_come_with_their_files_once(logged, served_url, here, stores):
    model_id, run_id = logged
    with closing(RestPlace(served_url)) as place:
        first = Transfer(place, here, SilentProgress()).run()
        again = Transfer(place, here, SilentProgress()).run()
    assert (first.differences, first.left_out, first.carried["logged_models"]) == ([], [], 1)
    assert (again.differences, again.seen["logged_models"], again.carried["logged_models"]) == ([], 1, 0)
    model = stores.logged_models.get(model_id)
    assert (model.name, model.status, model.params, model.tags) == (
        "net",
        LoggedModelStatus.READY,
        {"depth": "3"},
        {"team": "b"},
    )
    path = model.artifact_location.removeprefix("mlflow-artifacts:/")
    assert stores.files.find(f"{path}/data/MLmodel").digest == digest_bytes(b"flavors: {}")
    (output,) = stores.runs.list_links([run_id])[run_id].outputs
    assert (output.model_id, output.step) == (model_id, 4)


def test_files_that_the_server_does_not_hand_out_are_unreachable(logged, served_url):
    with closing(RestPlace(served_url)) as place:
        (model,) = place.logged_models.iter_models("0")
        object.__setattr__(model, "artifact_uri", "s3://bucket/x")
        with pytest.raises(UnreachableError, match="not handed out"):
            place.logged_models.list_files(model)


def test_logged_models_go_to_a_server_once_and_versions_name_them(logged, served_url, here, stores):
    model_id, _ = logged
    with closing(RestPlace(served_url)) as place:
        Transfer(place, here, SilentProgress()).run()
    carried = stores.logged_models.get(model_id)
    with closing(RestClient(served_url)) as client:
        client.ask("DELETE", f"logged-models/{model_id}")
    with closing(RestPlace(served_url)) as place:
        first = Transfer(here, place, SilentProgress()).run()
        (own,) = place.logged_models.iter_models("0")
        version = Version(name="net", version=1, created_ms=1, updated_ms=1, source=f"models:/{model_id}")
        place.put_model(Model(name="net", created_ms=1, updated_ms=1))
        place.put_version(version)
        assert [each.source for each in place.iter_versions("net")] == [f"models:/{own.id}"]
    with closing(RestPlace(served_url)) as place:
        again = Transfer(here, place, SilentProgress()).run()
    assert (first.differences, first.carried["logged_models"]) == ([], 1)
    assert (again.differences, again.carried["logged_models"]) == ([], 0)
    assert (own.name, own.status, own.params) == (carried.name, 2, carried.params)
    assert {**own.tags, DONE_TAG: ""} == {"team": "b", ORIGIN_TAG: model_id, DONE_TAG: ""}


def test_pending_model_with_its_metrics_goes_to_a_server_once(logged, served_url, here, stores):
    model_id, run_id = logged
    with closing(RestPlace(served_url)) as place:
        assert Transfer(place, here, SilentProgress()).run().ok
    with closing(RestClient(served_url)) as client:
        client.ask("DELETE", f"logged-models/{model_id}")
    stores.logged_models.set_status(model_id, LoggedModelStatus.UNSPECIFIED, sample.NOON)
    measured_on = {"dataset_name": "holdout", "dataset_digest": "abc"}
    for step, value in ((1, 0.5), (2, float("nan"))):
        point = MetricPoint(key="auc", value=value, step=step, at=sample.NOON, model_id=model_id, **measured_on)
        stores.runs.append_metrics(run_id, [point])
    stores.runs.set_lifecycle(run_id, Lifecycle.DELETED, sample.NOON)
    told = []
    for _ in range(2):
        with closing(RestPlace(served_url)) as place:
            report = Transfer(here, place, SilentProgress()).run()
            told.append((report.differences, report.carried["logged_models"]))
            own = next(place.logged_models.iter_models("0"))
            runs = {run.id: run for run in place.iter_runs("0")}
    assert told == [([], 1), ([], 0)]
    assert own.status == 1
    assert [(each.point.step, each.dataset_name, each.dataset_digest) for each in own.points] == [
        (1, "holdout", "abc"),
        (2, "holdout", "abc"),
    ]
    made = runs[own.points[0].run_id]
    assert (made.tags[ORIGIN_TAG], made.deleted) == (run_id, True)
    stores.logged_models.put_params(model_id, {"width": "7"})
    stores.logged_models.set_status(model_id, LoggedModelStatus.READY, sample.NOON)
    with closing(RestPlace(served_url)) as place:
        report = Transfer(here, place, SilentProgress()).run()
        (own,) = place.logged_models.iter_models("0")
    assert (report.differences, report.carried["logged_models"]) == ([], 1)
    assert (own.status, own.params) == (2, {"depth": "3", "width": "7"})
    assert len(own.points) == 2
