from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import ServiceUnavailableError
from millwright.core.ids import PredictionId, new_ids
from millwright.core.records.prediction import PredictionColumns
from millwright.deployment.realtime.log_writer import LogOptions, PredictionLogWriter

if TYPE_CHECKING:
    from millwright.deployment.realtime.log_entry import LogEntry

AT = datetime(2026, 3, 1, tzinfo=UTC)
QUICK = {"flush_s": 0.02, "retry_s": 0.01}


@pytest.fixture
def make_entries(make_served):
    source = make_served().log_source("site")

    def make(rows: int = 1, note: str = "") -> list[LogEntry]:
        size = source.size(len(note))
        return [
            (source, PredictionId(name), AT.timestamp(), {"note": note}, {"prediction": 1}, 0.5, "r", None, size)
            for name in new_ids(rows)
        ]

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


def test_closing_writes_what_waits(make_writer, sink, make_entries):
    writer = make_writer(flush_s=60)
    requests = [make_entries() for _ in range(50)]
    for entries in requests:
        writer.offer(entries)
    assert writer.close(5)
    assert [record.id for record in sink.records] == [entry[1] for entries in requests for entry in entries]
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


def test_commit_is_done_when_the_store_has_it(make_writer, sink, make_entries):
    writer = make_writer(flush_s=60)
    writer.offer(make_entries())
    entries = make_entries(3)
    writer.commit(entries).result(5)
    assert {record.id for record in sink.records} >= {entry[1] for entry in entries}


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


def test_store_is_given_columns(make_entries):
    given = []

    class Store:
        def append(self, records) -> None:
            given.append(records)

    writer = PredictionLogWriter(Store(), LogOptions(**QUICK))
    writer.start()
    entries = make_entries(2)
    writer.commit(entries).result(5)
    writer.close(5)
    (columns,) = given
    assert isinstance(columns, PredictionColumns)
    assert list(columns.id) == [entry[1] for entry in entries]


def test_single_rows_are_written_and_shed_as_others_are(sink, make_entries):
    writer = PredictionLogWriter(sink, LogOptions(max_rows=3, flush_s=60))
    assert [writer.offer_row(each) for each in make_entries(5)] == [True, True, True, False, False]
    assert (writer.queued, writer.shed) == (3, 2)
    writer.start()
    assert writer.close(5)
    assert (writer.written, writer.queued) == (3, 0)
