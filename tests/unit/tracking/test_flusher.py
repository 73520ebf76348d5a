from __future__ import annotations

import multiprocessing
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import ConflictError, StorageError
from millwright.core.records.run import MetricPoint
from millwright.tracking.change import ParamsLogged, PointsLogged
from millwright.tracking.flusher import Flusher, FlushLimits
from millwright.tracking.offline_log import OfflineLog, OfflineSink, read_log

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from millwright.tracking.change import Change

QUICK = FlushLimits(interval_s=0.01, capacity=50, retry_s=0.01, max_retry_s=0.05, timeout_s=5)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def point(step: int) -> PointsLogged:
    return PointsLogged(points=(MetricPoint(key="loss", value=0.5, step=step, at=NOW),))


class Store:
    """A sink that can be down or stand still."""

    def __init__(self) -> None:
        self.up = threading.Event()
        self.up.set()
        self.goes = threading.Event()
        self.goes.set()
        self.steps: list[int] = []
        self.batches = 0

    def write(self, changes: Sequence[Change]) -> None:
        self.goes.wait(10)
        if not self.up.is_set():
            raise StorageError("The store is down.")
        if any(isinstance(change, ParamsLogged) for change in changes):
            raise ConflictError("Another value.")
        self.batches += 1
        self.steps += [change.points[0].step for change in changes if isinstance(change, PointsLogged)]


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "run.jsonl"


@pytest.fixture
def flusher(store: Store, log: Path) -> Iterator[Flusher]:
    flusher = Flusher(store, spill=lambda: OfflineLog(log), limits=QUICK)
    yield flusher
    flusher.close(timeout_s=0.1)


def test_flush_returns_once_everything_is_written_in_order(flusher: Flusher, store: Store) -> None:
    for step in range(40):
        flusher.put(point(step))
    flusher.flush()
    assert store.steps == list(range(40))
    assert store.batches < 40


def test_putting_does_not_wait_for_a_store_that_stands_still(flusher: Flusher, store: Store) -> None:
    store.goes.clear()
    start = time.perf_counter()
    for step in range(500):
        flusher.put(point(step))
    took = time.perf_counter() - start
    store.goes.set()
    flusher.flush()
    assert took < 2
    assert sorted(set(store.steps)) == list(range(500))


def test_store_that_comes_back_gets_everything_and_the_warning_comes_once(
    flusher: Flusher, store: Store, log: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store.up.clear()
    for step in range(200):
        flusher.put(point(step))
        if step == 100:
            time.sleep(0.2)
    assert log.exists()
    store.up.set()
    flusher.flush()
    assert store.steps == list(range(200))
    assert not log.exists()
    assert len([record for record in caplog.records if record.levelname == "WARNING"]) == 1
    assert "nothing is lost" in caplog.text


def test_flush_raises_when_the_store_cannot_be_written_and_names_the_log(
    flusher: Flusher, store: Store, log: Path
) -> None:
    store.up.clear()
    flusher.put(point(0))
    with pytest.raises(StorageError, match=r"The store is down.*mw sync"):
        flusher.flush(timeout_s=0.1)
    assert [change for change, _ in read_log(log)] == [point(0)]


def test_close_leaves_what_the_store_does_not_take_in_the_log(
    flusher: Flusher, store: Store, log: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store.up.clear()
    for step in range(10):
        flusher.put(point(step))
    flusher.close(timeout_s=0.1)
    assert [change for change, _ in read_log(log)] == [point(step) for step in range(10)]
    assert "mw sync" in caplog.text


def test_close_raises_when_neither_store_nor_log_can_be_written(store: Store, tmp_path: Path) -> None:
    def nowhere() -> OfflineLog:
        raise OSError(28, "No space left on device")

    store.up.clear()
    flusher = Flusher(store, spill=nowhere, limits=QUICK)
    flusher.put(point(0))
    with pytest.raises(StorageError, match="Neither the store nor the offline log"):
        flusher.close(timeout_s=0.05)
    store.up.set()
    flusher.close()
    assert store.steps == [0]


class FullLog(OfflineLog):
    """A log on a disk that is full."""

    def append(self, changes: Sequence[Change]) -> None:
        del changes
        raise OSError(28, "No space left on device")


def test_what_is_being_written_is_kept_when_the_log_is_full(store: Store, log: Path) -> None:
    flusher = Flusher(store, spill=lambda: FullLog(log), limits=QUICK)
    store.goes.clear()
    store.up.clear()
    flusher.put(point(0))
    time.sleep(0.1)
    flusher.put(point(1))
    with pytest.raises(StorageError, match="Neither the store nor the offline log"):
        flusher.flush(timeout_s=0.05)
    store.goes.set()
    time.sleep(0.1)
    store.up.set()
    flusher.close()
    assert store.steps == [0, 1]


def test_refused_change_is_raised_by_the_next_flush_and_keeps_nothing_back(flusher: Flusher, store: Store) -> None:
    flusher.put(point(0))
    flusher.put(ParamsLogged(params={"a": "1"}))
    flusher.put(point(1))
    with pytest.raises(ConflictError, match="Another value"):
        flusher.flush()
    assert store.steps == [0, 1]
    flusher.flush()


def test_many_threads_lose_nothing(flusher: Flusher, store: Store) -> None:
    def work(first: int) -> None:
        for step in range(first, first + 300):
            flusher.put(point(step))

    threads = [threading.Thread(target=work, args=(300 * index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    flusher.flush()
    assert sorted(set(store.steps)) == list(range(1200))


def _child(flusher: Flusher) -> None:
    for step in range(100, 110):
        flusher.put(point(step))


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_forked_process_writes_its_own_changes_and_none_of_its_parent(tmp_path: Path) -> None:
    log = OfflineLog(tmp_path / "a.jsonl")
    slow = FlushLimits(interval_s=30)
    flusher = Flusher(OfflineSink(log), spill=lambda: OfflineLog(tmp_path / "b.jsonl"), limits=slow)
    flusher.put(point(0))
    process = multiprocessing.get_context("fork").Process(target=_child, args=(flusher,))
    process.start()
    process.join(20)
    flusher.close()
    log.close()
    steps = [change.points[0].step for change, _ in read_log(tmp_path / "a.jsonl") if isinstance(change, PointsLogged)]
    assert steps == [*range(100, 110), 0]
