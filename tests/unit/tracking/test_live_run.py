from __future__ import annotations

import os
import signal
import sqlite3
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import InvalidInputError, StateTransitionError, StorageError
from millwright.core.ids import Digest, RunId
from millwright.core.records.run import RunStatus
from millwright.tracking.blob import LocalBlobs
from millwright.tracking.flusher import Flusher
from millwright.tracking.live_run import LiveRun, RunParts
from millwright.tracking.offline_log import OfflineLog
from millwright.tracking.store_sink import StoreSink
from tiny import forking

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from millwright.core.clock import ManualClock
    from millwright.storage.catalog import Stores
    from millwright.tracking.tracker import Tracker


class FullStore:
    """Where no bytes can be kept."""

    def put(self, _data: bytes) -> Digest:
        raise StorageError("The disk is full.")

    def put_file(self, _path: Path) -> Digest:
        raise StorageError("The disk is full.")


@pytest.fixture
def parts(stores: Stores, tracker: Tracker, clock: ManualClock, tmp_path: Path) -> tuple[RunId, RunParts]:
    run_id = tracker.start_run("delay").id
    blobs = LocalBlobs(tmp_path / "files")
    sink = StoreSink(run_id, stores=stores, tracker=tracker, blobs=blobs)
    return run_id, RunParts(
        flusher=Flusher(sink, spill=lambda: OfflineLog(tmp_path / "a.jsonl")),
        files=FullStore(),
        spare_files=blobs,
        history=lambda key: stores.runs.list_history(run_id, key),
        clock=clock,
    )


@pytest.fixture
def run(parts: tuple[RunId, RunParts]) -> Iterator[LiveRun]:
    with LiveRun(*parts) as run:
        yield run


def test_what_was_flushed_is_in_the_store(run: LiveRun, tracker: Tracker) -> None:
    run.log_metric("loss", 0.5)
    run.log_metrics({"a": 1, "b": 2}, step=3)
    run.log_params({"depth": 3})
    run.set_tags({"t": "x"})
    run.flush()
    record = tracker.get(run.id)
    assert record.metrics == {"loss": 0.5, "a": 1.0, "b": 2.0}
    assert (record.params, record.tags) == ({"depth": "3"}, {"t": "x"})
    assert [point.step for point in run.history("a")] == [3]


def test_mistakes_are_told_at_once(run: LiveRun) -> None:
    with pytest.raises(InvalidInputError):
        run.log_metric("loss", "high")  # type: ignore[arg-type]
    with pytest.raises(InvalidInputError):
        run.log_params({"": 1})


def test_bytes_wait_in_the_local_folder_while_they_cannot_be_stored(run: LiveRun, stores: Stores) -> None:
    run.log_text("hello", "a.txt")
    run.flush()
    (file,) = [file for file in stores.files.walk() if file.path.endswith("a.txt")]
    assert file.digest is not None
    assert stores.artifacts.get(file.digest) == b"hello"


def test_store_that_another_process_holds_loses_nothing(run: LiveRun, stores: Stores, tmp_path: Path) -> None:
    holder = sqlite3.connect(tmp_path / "records.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    for step in range(12_000):  # more than the queue holds
        run.log_metric("loss", 0.5, step=step)
    with pytest.raises(StorageError, match=r"It is safe in .*a\.jsonl"):
        run.flush(timeout_s=0.2)
    holder.execute("ROLLBACK")
    holder.close()
    run.flush()
    assert [point.step for point in stores.runs.list_history(run.id, "loss")] == list(range(12_000))


@pytest.mark.parametrize(
    ("error", "status"),
    [(None, RunStatus.FINISHED), (ValueError("x"), RunStatus.FAILED), (KeyboardInterrupt(), RunStatus.KILLED)],
)
def test_context_ends_the_run_as_it_ends(
    parts: tuple[RunId, RunParts], tracker: Tracker, error: BaseException | None, status: RunStatus
) -> None:
    run = LiveRun(*parts)
    run.__exit__(None if error is None else type(error), error, None)
    run.finish()
    assert tracker.get(run.id).status is status
    with pytest.raises(StateTransitionError, match=r"has ended.*mw.track\(run_id="):
        run.log_metric("a", 1)


PROGRAM = """
import sys, time
import millwright as mw
run = mw.track("delay", name="killed").start()
for step in range(1000):
    run.log_metric("loss", 0.5, step=step)
run.log_text("hello", "a.txt")
run.flush()
print(run.id, flush=True)
{rest}
"""


def _started(folder: Path, rest: str) -> subprocess.Popen[str]:
    (folder / "millwright.toml").write_text("", encoding="utf-8")
    environment = {**os.environ, "MILLWRIGHT_HOME": str(folder)}
    return forking.start(["-c", PROGRAM.format(rest=rest)], env=environment, cwd=folder, stderr=None)


def _run_of(folder: Path, process: subprocess.Popen[str]) -> RunId:
    assert process.stdout is not None
    with process.stdout:
        return RunId(process.stdout.readline().strip())


def test_what_flush_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    from millwright.workspace.workspace import Workspace

    process = _started(tmp_path, "time.sleep(60)")
    run_id = _run_of(tmp_path, process)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    with Workspace.open(tmp_path) as workspace:
        assert len(workspace.stores.runs.list_history(run_id, "loss")) == 1000
        assert any(file.path.endswith("a.txt") for file in workspace.stores.files.walk())


@pytest.mark.parametrize(("rest", "status"), [("", "finished"), ("1 / 0", "failed"), ("sys.exit(3)", "finished")])
def test_run_that_is_open_at_the_end_of_its_process_is_ended_with_all_it_logged(
    tmp_path: Path, rest: str, status: str, capfd: pytest.CaptureFixture[str]
) -> None:
    from millwright.workspace.workspace import Workspace

    process = _started(tmp_path, f"run.log_metric('last', 1.0)\n{rest}")
    run_id = _run_of(tmp_path, process)
    process.wait(30)
    with Workspace.open(tmp_path) as workspace:
        record = workspace.tracker.get(run_id)
    assert (record.status, record.metrics["last"]) == (status, 1.0)
