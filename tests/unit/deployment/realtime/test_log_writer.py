from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import ServiceUnavailableError
from millwright.core.ids import PredictionId, new_ids
from millwright.core.records.prediction import PredictionColumns
from millwright.deployment.realtime.log_rows import LogRows
from millwright.deployment.realtime.log_writer import LogOptions, PredictionLogWriter

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from millwright.deployment.realtime.log_record import LogRow

AT = datetime(2026, 3, 1, tzinfo=UTC)
QUICK = {"flush_s": 0.02, "retry_s": 0.01}


@pytest.fixture
def source(make_served):
    return make_served().log_sources["site"]


def make_rows(count: int = 1, note: str = "") -> list[LogRow]:
    return [
        (PredictionId(name), AT.timestamp(), 0.5, "r", None, {"note": note}, {"prediction": 1})
        for name in new_ids(count)
    ]


@pytest.fixture
def make_entries(source):
    def make(rows: int = 1, note: str = "") -> LogRows:
        return LogRows(source, make_rows(rows, note), 0)

    return make


@pytest.fixture
def make_writer(sink):
    writers = []

    def make(**options) -> PredictionLogWriter:
        writer = PredictionLogWriter(sink, LogOptions(**{**QUICK, **options}))
        writer.start()
        writers.append(writer)
        return writer

    yield make
    for writer in writers:
        writer.close(5)


class Gate:
    """A store that waits until it is opened."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.rows = 0

    def append(self, records) -> None:
        assert self.open.wait(10)
        self.rows += len(records)


def wait_until(condition) -> None:
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.005)


def test_offered_predictions_are_written_soon(make_writer, sink, make_entries):
    writer = make_writer()
    assert writer.offer(make_entries(2))
    wait_until(lambda: writer.written == 2)
    assert [record.endpoint for record in sink.records] == ["site", "site"]
    assert sink.records[0].outputs == {"prediction": 1}


def test_closing_writes_what_waits(make_writer, sink, source):
    writer = make_writer(flush_s=60)
    rows = make_rows(50)
    for row in rows:
        writer.offer(LogRows(source, [row], 0))
    assert writer.close(5)
    assert [record.id for record in sink.records] == [row[0] for row in rows]
    assert (writer.written, writer.queued) == (50, 0)


def test_full_batch_is_written_before_its_time(make_writer, sink, make_entries):
    writer = make_writer(flush_s=60, batch_rows=10)
    for _ in range(10):
        writer.offer(make_entries())
    wait_until(lambda: writer.written == 10)
    assert [len(batch) for batch in sink.batches] == [10]


def test_batches_are_at_most_as_large_as_asked(make_writer, sink, make_entries):
    writer = make_writer(flush_s=60, batch_rows=10)
    writer.offer(make_entries(25))
    writer.close(5)
    assert [len(batch) for batch in sink.batches] == [10, 10, 5]


def test_what_does_not_fit_is_shed_and_counted(make_entries):
    gate = Gate()
    writer = PredictionLogWriter(gate, LogOptions(**QUICK, max_rows=5))
    writer.start()
    taken = [writer.offer(make_entries()) for _ in range(20)]
    assert taken.count(True) <= 5 + 1
    assert writer.shed == taken.count(False) > 0
    gate.open.set()
    assert writer.close(5)
    assert gate.rows == writer.written == taken.count(True)


def test_memory_is_bounded_in_bytes(make_entries):
    gate = Gate()
    writer = PredictionLogWriter(gate, LogOptions(**QUICK, max_bytes=100_000))
    writer.start()
    taken = [writer.offer(make_entries(note="x" * 30_000)) for _ in range(20)]
    assert taken.count(True) <= 4
    gate.open.set()
    assert writer.close(5)


def test_request_larger_than_the_memory_is_taken_when_nothing_waits(make_writer, make_entries):
    writer = make_writer(max_rows=5)
    assert writer.offer(make_entries(50))
    assert writer.close(5)
    assert writer.written == 50


def test_failed_batch_is_tried_again(make_writer, sink, make_entries):
    sink.failures = 3
    writer = make_writer()
    writer.offer(make_entries())
    wait_until(lambda: writer.written == 1)
    assert (writer.lost, len(sink.records)) == (0, 1)


def test_batch_that_keeps_failing_is_lost_and_counted(make_writer, sink, make_entries):
    sink.failures = 3
    writer = make_writer(attempts=3)
    writer.offer(make_entries(4))
    wait_until(lambda: writer.lost == 4)
    writer.offer(make_entries())
    wait_until(lambda: writer.written == 1)


def test_closing_gives_up_when_the_store_hangs(make_entries):
    gate = Gate()
    writer = PredictionLogWriter(gate, LogOptions(**QUICK))
    writer.start()
    writer.offer(make_entries())
    assert not writer.close(0.1)
    gate.open.set()


def test_commit_is_done_when_the_store_has_it(make_writer, sink, source, make_entries):
    writer = make_writer(flush_s=60)
    writer.offer(make_entries())
    rows = make_rows(3)
    writer.commit(LogRows(source, rows, 0)).result(5)
    assert {record.id for record in sink.records} >= {row[0] for row in rows}


def test_commit_holds_the_error_when_the_store_fails(make_writer, sink, make_entries):
    sink.failures = 2
    writer = make_writer()
    with pytest.raises(OSError, match="the disk is away"):
        writer.commit(make_entries()).result(5)
    writer.commit(make_entries()).result(5)
    assert (writer.lost, writer.written) == (1, 1)


def test_commit_of_two_batches_is_done_after_the_second(make_writer, sink, make_entries):
    writer = make_writer(batch_rows=10)
    writer.commit(make_entries(15)).result(5)
    assert len(sink.records) == 15


def test_commits_that_wait_are_written_together(make_entries):
    gate = Gate()
    writer = PredictionLogWriter(gate, LogOptions(**QUICK))
    writer.start()
    waiting = [writer.commit(make_entries()) for _ in range(30)]
    gate.open.set()
    for done in waiting:
        done.result(5)
    writer.close(5)
    assert gate.rows == 30


def test_commit_is_refused_when_memory_is_full(make_entries):
    gate = Gate()
    writer = PredictionLogWriter(gate, LogOptions(**QUICK, max_rows=1))
    writer.start()
    writer.commit(make_entries())
    with pytest.raises(ServiceUnavailableError, match="cannot keep up"):
        writer.commit(make_entries())
    gate.open.set()
    writer.close(5)


def test_store_is_given_columns(source):
    given = []

    class Store:
        def append(self, records) -> None:
            given.append(records)

    writer = PredictionLogWriter(Store(), LogOptions(**QUICK))
    writer.start()
    rows = make_rows(2)
    writer.commit(LogRows(source, rows, 0)).result(5)
    writer.close(5)
    (columns,) = given
    assert isinstance(columns, PredictionColumns)
    assert list(columns.id) == [row[0] for row in rows]


def test_single_rows_are_written_and_shed_as_others_are(sink, source):
    writer = PredictionLogWriter(sink, LogOptions(max_rows=3, flush_s=60))
    assert [writer.offer_row(source, each) for each in make_rows(5)] == [True, True, True, False, False]
    assert (writer.queued, writer.shed) == (3, 2)
    writer.start()
    assert writer.close(5)
    assert (writer.written, writer.queued) == (3, 0)


def test_commits_of_several_versions_are_acknowledged_when_they_are_written(make_served):
    """What is told to be written is written, while other versions' rows come one by one."""
    written: set[str] = set()

    class Store:
        def append(self, records) -> None:
            written.update(records.id)

    writer = PredictionLogWriter(Store(), LogOptions(batch_rows=7, flush_s=0.001))
    writer.start()
    sources = [make_served(number).log_sources["site"] for number in (1, 2, 3)]
    missed: list[str] = []

    def look(row: LogRow) -> Callable[[Future[None]], None]:
        return lambda done: missed.append(row[0]) if row[0] not in written or done.exception() else None

    for number in range(3_000):
        (row,) = make_rows()
        if number % 3:
            writer.offer_row(sources[number % 2], row)
        else:
            writer.commit(LogRows(sources[number % 5 % 3], [row], 0)).add_done_callback(look(row))
    assert writer.close(10)
    assert missed == []
    assert len(written) == writer.written == 3_000


class Fountain:
    """A store during whose every write another prediction comes, as they do under a steady load."""

    def __init__(self, more: Callable[[], object]) -> None:
        self.writes: list[int] = []
        self._more = more
        self.again = threading.Event()

    def append(self, records) -> None:
        self.writes.append(len(records))
        if len(self.writes) > 1:
            self.again.set()
        self._more()


def test_what_comes_during_a_write_waits_for_the_next_one(make_entries, monkeypatch):
    monkeypatch.setattr("millwright.deployment.realtime.log_writer._LOOK_S", 60.0)
    store = Fountain(lambda: writer.offer(make_entries()))
    writer = PredictionLogWriter(store, LogOptions(flush_s=60.0))
    writer.start()
    writer.commit(make_entries(3)).result(10)
    assert not store.again.wait(0.3)
    assert store.writes == [3]
    assert writer.queued == 1
    store._more = lambda: None
    assert writer.close(5)
    assert store.writes == [3, 1]
