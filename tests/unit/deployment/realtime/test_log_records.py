from __future__ import annotations

import msgspec
import pytest

from millwright.deployment.realtime.log_record import pack
from millwright.deployment.realtime.log_records import LogBuffers, LogRecords
from millwright.models.column import ColumnType


def make_record(number: int, note: str = "") -> bytes:
    return pack((f"{number:032x}", 1.5, 0.5, "r", note, (float(number),), {}))


def test_records_come_back_in_the_parts_in_which_they_came():
    records = LogRecords(LogBuffers())
    parts = [[make_record(1), make_record(2)], [make_record(3, "long"), make_record(4)], [make_record(5)]]
    assert [records.add(part) for part in parts] == [sum(map(len, part)) for part in parts]
    assert records.count == 5
    assert [[row[5] for row in rows] for rows in records.rows()] == [[[1.0], [2.0]], [[3.0], [4.0]], [[5.0]]]


@pytest.mark.parametrize("notes", [["", ""], ["", "a"], ["a" * 100, ""]])
def test_fields_are_read_of_all_records(notes):
    records = LogRecords(LogBuffers())
    records.add([make_record(number, notes[0]) for number in range(3)])
    records.add([make_record(number, notes[number % 2]) for number in range(3, 6)])
    fields = records.fields()
    fields.expect(b"\x97")
    assert fields.texts().to_list() == [f"{number:032x}" for number in range(6)]
    assert fields.floats().tolist() == [1.5] * 6
    assert fields.floats().tolist() == [0.5] * 6
    assert fields.texts().to_list() == ["r"] * 6
    assert fields.texts().to_list() == [notes[0]] * 3 + [notes[number % 2] for number in range(3, 6)]
    fields.expect(b"\x91")
    assert fields.column(ColumnType.NUMBER).to_list() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    fields.expect(msgspec.msgpack.encode({}))
    fields.end()


def test_more_than_memory_holds_is_taken():
    records = LogRecords(LogBuffers())
    for number in range(2_000):
        records.add([make_record(number, "x" * 100)])
    rows = [row for part in records.rows() for row in part]
    assert [row[5][0] for row in rows] == list(range(2_000))


def test_memory_is_used_again_and_not_kept_without_end():
    pool = LogBuffers()
    buffer = pool.take(100_000)
    assert len(buffer) >= 100_000
    pool.give(buffer)
    assert pool.take(1) is buffer
    for _ in range(5):
        pool.give(bytearray(100_000))
    pool.give(bytearray(33 << 20))
    pool.give(bytearray(10))
    kept = [pool.take(1), pool.take(1), pool.take(1)]
    assert [len(each) for each in kept] == [100_000, 100_000, 64 << 10]


def test_released_records_are_forgotten_and_their_memory_is_free():
    pool = LogBuffers()
    records = LogRecords(pool)
    records.add([make_record(1)])
    records.release()
    assert records.count == 0
    assert list(records.rows()) == []
    assert pool.take(1)[:1] == make_record(1)[:1]
