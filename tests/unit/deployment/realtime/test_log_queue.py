from __future__ import annotations

import threading
from typing import Any

import polars as pl
import pytest

from millwright.core.ids import PredictionId, new_ids
from millwright.deployment.realtime.log_queue import LogQueue
from millwright.deployment.realtime.log_table import LogTable

SIZE = 1_000


@pytest.fixture
def make_entries(make_served):
    source = make_served().log_source("site")

    def make(count: int) -> list[Any]:
        return [
            (source, PredictionId(each), 1772366400.0, {"days": 1.0}, {"prediction": "v1"}, 0.1, "r", None, SIZE)
            for each in new_ids(count)
        ]

    return make


def make_queue(**options: Any) -> tuple[LogQueue, list[int]]:
    woken: list[int] = []
    limits = {"batch_rows": 1_000, "max_rows": 10_000, "max_bytes": 100_000_000}
    return LogQueue(**{**limits, **options}, wake=lambda: woken.append(1)), woken


def ids(queue: LogQueue) -> list[str]:
    batch = queue.take()
    if batch is None:
        return []
    queue.done(batch)
    return [record.id for part in batch.parts() for record in part]


def test_rows_leave_in_the_order_in_which_they_came(make_entries):
    queue, woken = make_queue()
    entries = make_entries(700)
    assert all(queue.put_row(each) for each in entries[:600])
    queue.put(entries[600:])
    assert ids(queue) == [each[1] for each in entries]
    assert (queue.rows_in, queue.rows_out, woken) == (700, 700, [])
    assert ids(queue) == []


def test_batches_are_at_most_as_large_as_asked_and_the_thread_is_woken_for_a_whole_one(make_entries):
    queue, woken = make_queue(batch_rows=600)
    entries = make_entries(1_500)
    for each in entries:
        queue.put_row(each)
    assert woken
    found = []
    while batch := ids(queue):
        assert len(batch) <= 600
        found += batch
    assert found == [each[1] for each in entries]


def test_many_rows_at_once_are_left_to_the_thread(make_entries):
    queue, woken = make_queue(batch_rows=5_000)
    queue.put(make_entries(3_000))
    assert woken
    queue.turn()
    assert len(ids(queue)) == 3_000


def test_rows_beyond_the_limit_are_shed_until_a_batch_is_done(make_entries):
    queue, _ = make_queue(max_rows=5)
    assert [queue.put_row(each) for each in make_entries(7)] == [True] * 5 + [False] * 2
    assert not queue.has_room(make_entries(3))
    assert queue.shed == 5
    batch = queue.take()
    assert not queue.put_row(make_entries(1)[0])
    queue.done(batch)
    assert queue.has_room(make_entries(50))  # nothing waits


def test_bytes_beyond_the_limit_are_shed(make_entries):
    queue, _ = make_queue(max_bytes=3 * SIZE)
    assert [queue.put_row(each) for each in make_entries(4)] == [True, True, True, False]
    assert not queue.has_room(make_entries(1))
    ids(queue)
    assert queue.put_row(make_entries(1)[0])


def test_no_row_is_lost_or_doubled_while_another_thread_takes(make_entries):
    queue, _ = make_queue(max_rows=100_000, max_bytes=1 << 40)
    entries, found, ended = make_entries(20_000), [], threading.Event()

    def take() -> None:
        while not ended.is_set():
            found.extend(ids(queue))

    thread = threading.Thread(target=take)
    thread.start()
    for number, each in enumerate(entries):
        if number % 2:
            queue.put_row(each)
        else:
            queue.put([each])
    ended.set()
    thread.join()
    while rest := ids(queue):
        found.extend(rest)
    assert found == [each[1] for each in entries]


def make_table(source, count: int) -> LogTable:
    outputs = pl.DataFrame({"prediction": ["v1"] * count})
    rows = new_ids(count), pl.DataFrame({"days": [1.0] * count}), outputs
    return LogTable(source, rows, at_s=1772366400.0, seconds=0.1, request_id="r", keys=None, size=SIZE * count)


def test_tables_leave_behind_what_came_before_in_batches_of_the_same_size(make_entries, make_served):
    queue, woken = make_queue(batch_rows=600)
    table = make_table(make_served().log_source("site"), 1_500)
    queue.put(make_entries(100))
    queue.put(table)
    assert woken
    sizes = []
    while batch := queue.take():
        sizes.append((batch.rows, batch.size))
        queue.done(batch)
    assert sizes == [(600, 600 * SIZE), (600, 600 * SIZE), (400, 400 * SIZE)]
    assert (queue.rows_in, queue.rows_out) == (1_600, 1_600)


def test_tables_are_shed_by_rows_and_bytes(make_served):
    source = make_served().log_source("site")
    queue, _ = make_queue(max_rows=100, max_bytes=90 * SIZE)
    queue.put(make_table(source, 80))
    assert not queue.has_room(make_table(source, 21))
    assert not queue.has_room(make_table(source, 11))
    assert queue.has_room(make_table(source, 10))
    assert queue.shed == 32
