from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import ConflictError
from millwright.core.ids import ExperimentId, RunId, new_id
from millwright.core.records.run import MetricPoint, RunRecord, RunStatus
from millwright.tracking.blob import LocalBlobs
from millwright.tracking.change import (
    DatasetUsed,
    FileLogged,
    ParamsLogged,
    PointsLogged,
    RunEnded,
    RunResumed,
    RunStarted,
    TagsSet,
)
from millwright.tracking.store_sink import StoreSink, artifact_root

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.storage.catalog import Stores
    from millwright.tracking.change import Change
    from millwright.tracking.tracker import Tracker

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RUN = RunId(new_id())


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    return LocalBlobs(tmp_path / "files")


@pytest.fixture
def sink(stores: Stores, tracker: Tracker, blobs: LocalBlobs) -> StoreSink:
    return StoreSink(RUN, stores=stores, tracker=tracker, blobs=blobs)


def everything(blobs: LocalBlobs) -> list[Change]:
    return [
        RunStarted(id=RUN, experiment="delay", name="n", at=NOW, user="u", params={"a": "1"}, tags={"t": "1"}),
        PointsLogged(points=(MetricPoint(key="loss", value=0.5, step=0, at=NOW),)),
        PointsLogged(points=(MetricPoint(key="loss", value=0.25, step=1, at=NOW),)),
        ParamsLogged(params={"b": "2"}),
        TagsSet(tags={"t": "2"}),
        FileLogged(path="notes/a.txt", digest=blobs.put(b"abc"), size_bytes=3, at=NOW),
        DatasetUsed(name="d", digest="e", context="training", source_type="code", source="{}"),
        RunEnded(status=RunStatus.FINISHED, at=NOW),
    ]


def test_changes_make_the_run_and_making_them_again_changes_nothing(
    sink: StoreSink, stores: Stores, blobs: LocalBlobs
) -> None:
    for _ in range(2):
        sink.write(everything(blobs))
        record = stores.runs.get_run(RUN)
        assert (record.status, record.params, record.tags) == (RunStatus.FINISHED, {"a": "1", "b": "2"}, {"t": "2"})
        assert [point.value for point in stores.runs.list_history(RUN, "loss")] == [0.5, 0.25]
        file = stores.files.find(f"{record.experiment_id}/{RUN}/artifacts/notes/a.txt")
        assert file is not None
        assert file.digest is not None
        assert stores.artifacts.get(file.digest) == b"abc"
        assert not blobs.has(file.digest)
        assert len(stores.runs.list_links([RUN])[RUN].datasets) == 1


def test_batch_with_a_refused_change_writes_nothing(sink: StoreSink, stores: Stores, blobs: LocalBlobs) -> None:
    sink.write(everything(blobs)[:1])
    with pytest.raises(ConflictError):
        sink.write([TagsSet(tags={"t": "9"}), ParamsLogged(params={"a": "9"})])
    assert stores.runs.get_run(RUN).tags == {"t": "1"}


def test_run_that_goes_on_is_running(sink: StoreSink, stores: Stores, blobs: LocalBlobs) -> None:
    sink.write([*everything(blobs), RunResumed(at=NOW)])
    assert stores.runs.get_run(RUN).status is RunStatus.RUNNING


def test_artifacts_are_where_the_run_says() -> None:
    run = RunRecord(id=RUN, experiment_id=ExperimentId("7"), name="", status=RunStatus.RUNNING, started_at=NOW)
    elsewhere = RunRecord(
        id=RUN,
        experiment_id=ExperimentId("7"),
        name="",
        status=RunStatus.RUNNING,
        started_at=NOW,
        artifact_uri="mlflow-artifacts:/team/x",
    )
    assert artifact_root(run) == f"7/{RUN}/artifacts"
    assert artifact_root(elsewhere) == "team/x"
