from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from millwright.core.ids import PredictionId, new_ids
from millwright.deployment.realtime.log_queue import LogQueue
from millwright.deployment.realtime.log_record import pack
from millwright.deployment.realtime.log_rows import LogRows
from millwright.deployment.realtime.log_table import LogTable

if TYPE_CHECKING:
    from millwright.deployment.realtime.log_entry import LogSource
    from millwright.deployment.realtime.log_record import LogRow

SIZE = 1_000


@pytest.fixture
def source(make_served) -> LogSource:
    found: LogSource = make_served().log_sources["site"]
    return found


def make_rows(count: int, note: str = "") -> list[LogRow]:
    features = {"days": 1.0, "note": note}
    return [
        (PredictionId(each), 1772366400.0, 0.1, "r", None, features, {"prediction": "v1"}) for each in new_ids(count)
    ]


def make_queue(**options: Any) -> tuple[LogQueue, list[int]]:
    woken: list[int] = []
    limits = {"batch_rows": 1_000, "max_rows": 10_000, "max_bytes": 100_000_000}
    return LogQueue(**{**limits, **options}, wake=lambda: woken.append(1)), woken


def ids(queue: LogQueue) -> list[str]:
    batch = queue.take()
    if batch is None:
        return []
    found = [name for part in batch.parts() for name in part.id]
    queue.done(batch)
    return found


def test_rows_leave_in_the_order_in_which_they_came(source):
    queue, woken = make_queue()
    rows = make_rows(700)
    assert all(queue.put_row(source, each) for each in rows[:300])
    queue.put(LogRows(source, rows[300:310], 0))
    assert all(queue.put_row(source, each) for each in rows[310:400])
    queue.put(LogRows(source, rows[400:], 0))
    assert ids(queue) == [each[0] for each in rows]
    assert (queue.rows_in, queue.rows_out, woken) == (700, 700, [])
    assert ids(queue) == []


def test_batches_are_at_most_as_large_as_asked_and_the_thread_is_woken_for_a_whole_one(source):
    queue, woken = make_queue(batch_rows=600)
    rows = make_rows(1_500)
    for each in rows[:1_200]:
        queue.put_row(source, each)
    assert woken
    queue.put(LogRows(source, rows[1_200:], 0))
    found = []
    while batch := ids(queue):
        assert len(batch) <= 600
        found += batch
    assert found == [each[0] for each in rows]


def test_rows_beyond_the_limit_are_shed_until_a_batch_is_done(source):
    queue, _ = make_queue(max_rows=5)
    assert [queue.put_row(source, each) for each in make_rows(7)] == [True] * 5 + [False] * 2
    assert not queue.has_room(LogRows(source, make_rows(3), 0))
    assert queue.shed == 5
    batch = queue.take()
    assert not queue.put_row(source, make_rows(1)[0])
    queue.done(batch)
    assert queue.has_room(LogRows(source, make_rows(50), 0))  # nothing waits


def test_rows_that_are_being_written_count_for_the_limit(source):
    queue, _ = make_queue(max_rows=10)
    rows = make_rows(20)
    assert all(queue.put_row(source, each) for each in rows[:4])
    queue.take()
    assert [queue.put_row(source, each) for each in rows[4:]] == [True] * 6 + [False] * 10


def test_bytes_beyond_the_limit_are_shed(source):
    rows = make_rows(6, note="x" * 30_000)
    size = len(pack(rows[0]))
    queue, _ = make_queue(max_bytes=3 * size)
    assert [queue.put_row(source, each) for each in rows[:4]] == [True, True, True, False]
    assert not queue.has_room(LogRows(source, rows[:1], 0))
    ids(queue)
    assert queue.put_row(source, rows[4])
    assert queue.has_room(LogRows(source, rows[:2], 0))
    assert not queue.has_room(LogRows(source, rows[:3], 0))


def test_rows_of_several_versions_wait_together(make_served):
    sources = [make_served(number).log_sources["site"] for number in (1, 2, 3)]
    queue, _ = make_queue(batch_rows=600)
    rows = make_rows(1_500)
    for number, each in enumerate(rows):
        queue.put_row(sources[number % 3], each)
    found = []
    while batch := ids(queue):
        assert len(batch) <= 3 * 256
        found += batch
    assert sorted(found) == sorted(each[0] for each in rows)
    assert (queue.rows_in, queue.rows_out) == (1_500, 1_500)


def test_row_that_message_pack_has_no_place_for_is_kept_as_text(source):
    queue, _ = make_queue()
    rows = [
        (*row[:5], {"days": days, "note": "\ud800" if days else ""}, {"prediction": 2**70})
        for days, row in enumerate(make_rows(2))
    ]
    assert all(queue.put_row(source, each) for each in rows)
    (part,) = queue.take().parts()
    assert [record.features for record in part] == [each[5] for each in rows]
    assert [record.outputs for record in part] == [{"prediction": 2**70}] * 2


def test_no_row_is_lost_or_doubled_while_another_thread_takes(source):
    queue, _ = make_queue(max_rows=100_000, max_bytes=1 << 40)
    rows, found, ended = make_rows(20_000), [], threading.Event()

    def take() -> None:
        while not ended.is_set():
            found.extend(ids(queue))

    thread = threading.Thread(target=take)
    thread.start()
    for number, each in enumerate(rows):
        if number % 2:
            queue.put_row(source, each)
        else:
            queue.put(LogRows(source, [each], 0))
    ended.set()
    thread.join()
    while rest := ids(queue):
        found.extend(rest)
    assert found == [each[0] for each in rows]
    assert queue.rows_in == queue.rows_out == 20_000


def make_table(source, count: int) -> LogTable:
    outputs = pl.DataFrame({"prediction": ["v1"] * count})
    rows = new_ids(count), pl.DataFrame({"days": [1.0] * count}), outputs
    return LogTable(source, rows, at_s=1772366400.0, seconds=0.1, request_id="r", keys=None, size=SIZE * count)


def test_tables_leave_behind_what_came_before_in_batches_of_the_same_size(source):
    queue, woken = make_queue(batch_rows=600)
    rows = LogRows(source, make_rows(100), 0)
    queue.put(rows)
    queue.put(make_table(source, 1_500))
    assert woken
    sizes = []
    while batch := queue.take():
        sizes.append((batch.rows, batch.size))
        queue.done(batch)
    assert sizes == [(600, 500 * SIZE + rows.size), (600, 600 * SIZE), (400, 400 * SIZE)]
    assert (queue.rows_in, queue.rows_out) == (1_600, 1_600)


def test_tables_are_shed_by_rows_and_bytes(source):
    queue, _ = make_queue(max_rows=100, max_bytes=90 * SIZE)
    queue.put(make_table(source, 80))
    assert not queue.has_room(make_table(source, 21))
    assert not queue.has_room(make_table(source, 11))
    assert queue.has_room(make_table(source, 10))
    assert queue.shed == 32
