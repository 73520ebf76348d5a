"""The newest row of each key."""

from __future__ import annotations

from datetime import timedelta

from millwright.data.features.coding import decode_row, encode_key, micros
from millwright.data.features.online.newest import coded_keys, known_rows, newest_per_key, online_rows
from millwright.data.features.view_rows import view_rows
from tiny.online_world import moment, phases, row, table


def test_newest_is_by_timestamp_then_created_then_position() -> None:
    rows = table([row(1, -3, 1.0), row(1, -1, 2.0, created=2), row(1, -1, 3.0, created=3), row(1, -1, 4.0, created=3)])
    rows = view_rows(phases(), rows.vstack(table([row(1, -1, 5.0, created=1), row(2, -9, 6.0)]))).collect()
    assert sorted(newest_per_key(phases(), rows)["late"].to_list()) == [4.0, 6.0]
    assert newest_per_key(phases(entities=[]), rows.drop("site"))["late"].to_list() == [4.0]


def test_rows_are_known_from_their_later_moment_on() -> None:
    rows = view_rows(phases(), table([row(1, -3), row(2, -3, created=-1), row(3, -1, created=-2)]))

    def known(since: float | None, until: float) -> list[int]:
        since_us = None if since is None else micros(moment(since))
        found = known_rows(phases(), rows, since_us=since_us, until_us=micros(moment(until))).collect()
        return found["site"].to_list()

    assert [known(None, -2), known(None, -1), known(-3, -1), known(-1, 5)] == [[1], [1, 2, 3], [2, 3], []]


def test_row_holds_moments_expiry_and_coded_values() -> None:
    view = phases(ttl=timedelta(hours=1))
    (found,) = online_rows(view, view_rows(view, table([row(7, -3, created=-2)])).collect())
    at = micros(moment(-3))
    assert found[:3] == (encode_key([7]), at, micros(moment(-2)))
    assert decode_row(found.value) == (at, micros(moment(-2)), at + 3_600_000_000, (-3.0, "w-3", 20541))
    without = phases(created="")
    (found,) = online_rows(without, view_rows(without, table([row(7, -3, created=-2)])).collect())
    assert decode_row(found.value)[1:3] == (None, None)


def test_rows_of_nobody_have_one_key() -> None:
    assert list(coded_keys(phases(entities=[]), table([row(1, -1), row(2, -1)]))) == [encode_key([])] * 2
