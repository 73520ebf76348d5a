from __future__ import annotations

import socket
import tempfile
from typing import TYPE_CHECKING

import pytest

from millwright.core.clock import SystemClock
from millwright.core.digest import digest_bytes
from millwright.core.events import EventBus
from millwright.core.ids import PipelineRunId, RunId, new_id
from millwright.core.process import current_owner
from millwright.core.records.code import CodeRecord
from millwright.core.records.pipeline import PipelineRunRecord, PipelineRunStatus
from millwright.core.records.queue import RunRequest
from millwright.core.records.run import RunStatus
from millwright.storage.catalog import Stores, open_stores
from millwright.tracking.tracker import RunStart, Tracker
from millwright.workspace.interruption import close_interrupted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CLOCK = SystemClock()
NOWHERE = f"{socket.gethostname()}:999999999:1"


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    opened = open_stores(
        records_url=f"sqlite:///{tmp_path / 'records.db'}",
        artifacts_url=str(tmp_path / "artifacts"),
        predictions_url=str(tmp_path / "predictions"),
    )
    yield opened
    opened.close()


def begin(stores: Stores, owner: str, tracked: RunId | None) -> PipelineRunId:
    record = PipelineRunRecord(
        id=PipelineRunId(new_id()),
        pipeline="demo",
        status=PipelineRunStatus.RUNNING,
        started_at=CLOCK.now(),
        code=CodeRecord(entrypoint="x", snapshot=None, source_digest=digest_bytes(b"")),
        owner=owner,
        trigger="user",
        tracking_run_id=tracked,
    )
    stores.pipelines.create_pipeline_run(record)
    return record.id


def test_temporary_folders_of_dead_processes_go_with_their_runs(
    stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left = tmp_path / f"millwright-step~{NOWHERE.replace(':', '~')}~abcdefgh"
    left.mkdir()
    assert close_interrupted(stores, CLOCK) == []
    assert left.exists()
    begin(stores, NOWHERE, None)
    assert len(close_interrupted(stores, CLOCK)) == 1
    assert not left.exists()


def test_run_of_a_dead_process_is_closed_with_what_was_tracked_for_it(stores: Stores) -> None:
    tracker = Tracker(experiments=stores.experiments, store=stores.runs, clock=CLOCK)
    parent = tracker.start_run("demo")
    done, cut = (tracker.start_run("demo", options=RunStart(parent_id=parent.id)) for _ in range(2))
    done.finish()
    run = begin(stores, NOWHERE, parent.id)
    assert [marked.id for marked in close_interrupted(stores, CLOCK)] == [run]
    assert stores.pipelines.get_pipeline_run(run).status is PipelineRunStatus.INTERRUPTED
    statuses = [stores.runs.get_run(each.id).status for each in (parent, done, cut)]
    assert statuses == [RunStatus.KILLED, RunStatus.FINISHED, RunStatus.KILLED]
    assert close_interrupted(stores, CLOCK) == []


def test_run_of_a_living_process_and_its_trials_go_on(stores: Stores) -> None:
    parent = Tracker(experiments=stores.experiments, store=stores.runs, clock=CLOCK).start_run("demo")
    run = begin(stores, current_owner(), parent.id)
    assert close_interrupted(stores, CLOCK) == []
    assert stores.pipelines.get_pipeline_run(run).status is PipelineRunStatus.RUNNING
    assert stores.runs.get_run(parent.id).status is RunStatus.RUNNING


def test_run_is_closed_when_its_tracked_run_has_ended_or_is_not_there(stores: Stores) -> None:
    ended = Tracker(experiments=stores.experiments, store=stores.runs, clock=CLOCK).start_run("demo")
    ended.finish()
    for tracked in (ended.id, None):
        run = begin(stores, NOWHERE, tracked)
        assert [marked.id for marked in close_interrupted(stores, CLOCK)] == [run]
    assert stores.runs.get_run(ended.id).status is RunStatus.FINISHED


def test_who_listens_is_told_of_each_run_that_was_closed(stores: Stores) -> None:
    run, events, heard = begin(stores, NOWHERE, None), EventBus(), []
    events.subscribe("pipeline.interrupted", heard.append)
    close_interrupted(stores, CLOCK, events)
    close_interrupted(stores, CLOCK, events)
    assert [(event.subject, event.data["status"]) for event in heard] == [(run, "interrupted")]


def test_run_that_a_worker_goes_on_with_is_left_alone(stores: Stores) -> None:
    run = begin(stores, NOWHERE, None)
    now = CLOCK.now()
    request = RunRequest(id=run, name="demo", pipeline="x:y", created_at=now, not_before=now, trigger="user")
    stores.queue.enqueue(request)
    assert close_interrupted(stores, CLOCK) == []
    stores.queue.cancel(run, by="ada", at=now)
    assert [marked.id for marked in close_interrupted(stores, CLOCK)] == [run]
