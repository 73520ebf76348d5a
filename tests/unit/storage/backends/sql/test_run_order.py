from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.records.search import Field, Kind, Order
from millwright.storage.backends.sql.run_order import completed, plain, segments


def by(kind: Kind, key: str) -> Order:
    return Order(field=Field(kind=kind, key=key))


@pytest.mark.parametrize(
    ("first", "count"),
    [
        (by(Kind.METRIC, "m"), 3),
        (by(Kind.PARAM, "p"), 2),
        (by(Kind.TAG, "t"), 2),
        (by(Kind.ATTRIBUTE, "end_time"), 2),
        (by(Kind.ATTRIBUTE, "start_time"), 1),
        (by(Kind.ATTRIBUTE, "run_name"), 1),
    ],
)
def test_every_way_of_sorting_has_the_same_keys(first: Order, count: int) -> None:
    order = completed([first, by(Kind.METRIC, "other")])
    parts = segments(order)
    assert len(parts) == count
    assert {len(part.keys) for part in parts} == {len(plain(order).keys)}
    assert [part.rank for part in parts] == sorted({part.rank for part in parts})


def test_order_is_completed_by_start_and_id() -> None:
    fields = [each.field.key for each in completed([by(Kind.METRIC, "m")])]
    assert fields == ["m", "start_time", "run_id"]
    assert len(completed([by(Kind.ATTRIBUTE, "run_id"), by(Kind.ATTRIBUTE, "start_time")])) == 2


def test_field_twice_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="duplicate"):
        completed([by(Kind.METRIC, "m"), by(Kind.METRIC, "m")])
