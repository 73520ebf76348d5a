from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import StorageError
from millwright.core.ids import RunId, new_id
from millwright.core.records.run import MetricPoint
from millwright.tracking.blob import LocalBlobs
from millwright.tracking.change import FileLogged, ParamsLogged, PointsLogged, RunStarted
from millwright.tracking.offline_log import OfflineLog
from millwright.tracking.store_sink import StoreSink
from millwright.tracking.sync import FILES_FOLDER, SyncState, offline_logs, run_of, sync_log

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from millwright.storage.catalog import Stores
    from millwright.tracking.change import Change
    from millwright.tracking.tracker import Tracker

RUN = RunId(new_id())
NOW = datetime(2026, 1, 1, tzinfo=UTC)
POINTS = [PointsLogged(points=(MetricPoint(key="k", value=1.0, step=step, at=NOW),)) for step in range(2500)]


def written(folder: Path, changes: Sequence[Change], *, run: RunId = RUN) -> Path:
    log = OfflineLog(folder / f"{run}.jsonl")
    log.append([RunStarted(id=run, experiment="delay", name="n", at=NOW, params={"a": "1"}), *changes])
    log.close()
    return log.path


@pytest.fixture
def sink(stores: Stores, tracker: Tracker, tmp_path: Path) -> StoreSink:
    return StoreSink(RUN, stores=stores, tracker=tracker, blobs=LocalBlobs(tmp_path / FILES_FOLDER))


class Dying:
    """A sink that fails after a batch, as one that is killed does."""

    def __init__(self, sink: StoreSink) -> None:
        self._sink = sink
        self._left = 1

    def write(self, changes: Sequence[Change]) -> None:
        if self._left == 0:
            raise StorageError("gone")
        self._left -= 1
        self._sink.write(changes)


def test_sync_that_was_cut_off_is_completed_by_the_next(sink: StoreSink, stores: Stores, tmp_path: Path) -> None:
    path = written(tmp_path, POINTS)
    with pytest.raises(StorageError):
        sync_log(path, Dying(sink))
    assert 0 < len(stores.runs.list_history(RUN, "k")) < 2500
    assert sync_log(path, sink).state is SyncState.SYNCED
    assert len(stores.runs.list_history(RUN, "k")) == 2500
    assert not path.exists()


def test_run_that_is_still_written_is_left_alone(sink: StoreSink, tmp_path: Path) -> None:
    log = OfflineLog(tmp_path / f"{RUN}.jsonl")
    assert sync_log(log.path, sink).state is SyncState.BUSY
    log.close()


def test_what_was_refused_is_told_and_the_log_stays(sink: StoreSink, stores: Stores, tmp_path: Path) -> None:
    path = written(tmp_path, [ParamsLogged(params={"a": "2"}), *POINTS[:3]])
    done = sync_log(path, sink)
    assert done.state is SyncState.PARTLY
    assert "cannot become '2'" in done.problems[0]
    assert len(stores.runs.list_history(RUN, "k")) == 3
    assert path.exists()


def test_what_stands_before_damage_is_brought_over_and_the_log_stays(
    sink: StoreSink, stores: Stores, tmp_path: Path
) -> None:
    path = written(tmp_path, POINTS[:3])
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], b"garbage\n", *lines[2:]]))
    done = sync_log(path, sink)
    assert done.state is SyncState.DAMAGED
    assert "damaged" in done.problems[0]
    assert len(stores.runs.list_history(RUN, "k")) == 1
    assert path.exists()


def test_bytes_that_another_log_names_stay(sink: StoreSink, stores: Stores, tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path / FILES_FOLDER)
    both, own = blobs.put(b"both"), blobs.put(b"own")
    other = RunId(new_id())
    keeping = StoreSink(RUN, stores=stores, tracker=sink._tracker, blobs=blobs, keep_blobs=True)
    files = [FileLogged(path=digest, digest=digest, size_bytes=4, at=NOW) for digest in (both, own)]
    path = written(tmp_path, files)
    written(tmp_path, files[:1], run=other)
    sync_log(path, keeping)
    assert (blobs.has(both), blobs.has(own)) == (True, False)
    assert [run_of(path) for path in offline_logs(tmp_path)] == [other]
