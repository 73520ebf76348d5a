from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import ConflictError, InvalidInputError, NotFoundError
from millwright.core.ids import RunId
from millwright.core.records.run import RunStatus
from millwright.tracking.blob import LocalBlobs
from millwright.tracking.opening import CaptureOptions, RunSpec, TrackingPlace, open_run
from millwright.tracking.store_sink import StoreSink
from millwright.tracking.sync import FILES_FOLDER, offline_logs, sync_log

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.core.clock import ManualClock
    from millwright.storage.catalog import Stores
    from millwright.tracking.tracker import Tracker

NOTHING = CaptureOptions(system_metrics=False, code=False, environment=False)


@pytest.fixture
def online(tmp_path: Path, clock: ManualClock, stores: Stores, tracker: Tracker) -> TrackingPlace:
    folder = tmp_path / "offline"
    return TrackingPlace(offline=folder, clock=clock, user="ada", capture=NOTHING, stores=stores, tracker=tracker)


@pytest.fixture
def offline(tmp_path: Path, clock: ManualClock) -> TrackingPlace:
    return TrackingPlace(offline=tmp_path / "offline", clock=clock, user="ada", capture=NOTHING)


def test_run_is_known_to_mlflow_by_its_tags(online: TrackingPlace, tracker: Tracker) -> None:
    parent = open_run(RunSpec(experiment="delay"), online)
    child = open_run(RunSpec(experiment="delay", name="c", params={"lr": 0.1}, parent_id=parent.id), online)
    child.finish()
    parent.finish()
    record = tracker.get(child.id)
    assert (record.name, record.user, record.parent_id, record.params) == ("c", "ada", parent.id, {"lr": "0.1"})
    assert record.tags["mlflow.parentRunId"] == parent.id
    assert record.tags["mlflow.runName"] == "c"
    assert record.tags["mlflow.user"] == "ada"
    assert record.tags["mlflow.source.type"] == "LOCAL"
    assert record.tags["mlflow.source.name"]


def test_run_goes_on_by_its_id(online: TrackingPlace, tracker: Tracker) -> None:
    first = open_run(RunSpec(experiment="delay", params={"a": 1}), online)
    first.finish()
    again = open_run(RunSpec(experiment="delay", run_id=first.id, params={"b": 2}, tags={"t": "x"}), online)
    assert tracker.get(first.id).status is RunStatus.RUNNING
    with pytest.raises(ConflictError, match="'1' and cannot become '2'"):
        again.log_params({"a": 2})
    again.finish()
    record = tracker.get(first.id)
    assert (record.status, record.params) == (RunStatus.FINISHED, {"a": "1", "b": "2"})
    with pytest.raises(ConflictError):
        open_run(RunSpec(experiment="delay", run_id=first.id, params={"a": 9}), online)
    with pytest.raises(NotFoundError):
        open_run(RunSpec(experiment="delay", run_id=RunId("0" * 32)), online)
    with pytest.raises(InvalidInputError):
        open_run(RunSpec(experiment=" "), online)


def test_offline_run_is_the_same_once_synced_and_syncing_twice_changes_nothing(
    offline: TrackingPlace, stores: Stores, tracker: Tracker
) -> None:
    run = open_run(RunSpec(experiment="delay", name="o", params={"a": 1}), offline)
    run.log_metric("loss", 0.5, step=3)
    run.log_text("hello", "a.txt")
    assert [point.value for point in run.history("loss")] == [0.5]
    run.finish()
    again = open_run(RunSpec(experiment="delay", run_id=run.id), offline)
    with pytest.raises(ConflictError):
        again.log_params({"a": 2})
    again.finish()
    blobs = LocalBlobs(offline.offline / FILES_FOLDER)
    sink = StoreSink(run.id, stores=stores, tracker=tracker, blobs=blobs, keep_blobs=True)
    for keep in (True, True, False):
        for path in offline_logs(offline.offline):
            sync_log(path, sink, keep=keep)
        record = tracker.get(run.id)
        assert (record.name, record.status, record.metrics) == ("o", RunStatus.FINISHED, {"loss": 0.5})
        assert len(stores.runs.list_history(run.id, "loss")) == 1
    assert offline_logs(offline.offline) == []
    assert list(blobs.folder.iterdir()) == []


def test_what_an_earlier_process_left_comes_first_when_a_run_goes_on(
    online: TrackingPlace, offline: TrackingPlace, tracker: Tracker
) -> None:
    run = open_run(RunSpec(experiment="delay"), offline)
    run.set_tags({"t": "offline"})
    run.finish()
    again = open_run(RunSpec(experiment="delay", run_id=run.id), online)
    assert tracker.get(run.id).tags["t"] == "offline"
    again.finish()


def test_everything_is_captured_unless_switched_off(
    tmp_path: Path, online: TrackingPlace, stores: Stores, tracker: Tracker
) -> None:
    place = TrackingPlace(offline=tmp_path / "offline", clock=online.clock, user="ada", stores=stores, tracker=tracker)
    run = open_run(RunSpec(experiment="delay"), place)
    run.finish()
    record = tracker.get(run.id)
    assert record.metrics["system/system_memory_usage_megabytes"] > 0
    assert record.tags["millwright.cpu"]
    file = stores.files.find(f"{record.experiment_id}/{run.id}/artifacts/captured/environment.json")
    assert file is not None
    assert file.digest is not None
    assert json.loads(stores.artifacts.get(file.digest))["hardware"]["cores"] >= 1
