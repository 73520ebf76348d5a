"""Keys and values of features as bytes."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import msgspec
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import InvalidInputError
from millwright.data.features.coding import (
    decode_key,
    decode_row,
    encode_key,
    encode_row,
    key_caster,
    key_types,
    micros,
    moment_of,
    plain_values,
    revive,
)

_NOON = datetime(2026, 3, 29, 12, 2, 3, 4, tzinfo=UTC)
_MOMENT = st.datetimes(timezones=st.just(UTC))
_PART = st.one_of(
    st.integers(-(1 << 63), (1 << 64) - 1), st.text(), st.binary(), st.booleans(), st.dates(), _MOMENT
)  # fmt: skip


@given(st.lists(_PART, max_size=4))
def test_key_comes_back_as_it_was(values: list[Any]) -> None:
    found = decode_key(encode_key(values))
    assert found == values
    assert [type(each) for each in found] == [type(each) for each in values]


@given(st.lists(_PART, min_size=1, max_size=3), st.lists(_PART, min_size=1, max_size=3))
def test_keys_are_equal_exactly_if_their_values_are(one: list[Any], other: list[Any]) -> None:
    same = [(type(each), each) for each in one] == [(type(each), each) for each in other]
    assert (encode_key(one) == encode_key(other)) == same


def test_moment_in_a_key_is_the_same_in_every_zone() -> None:
    here = datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=5)))
    assert encode_key([here]) == encode_key([here.astimezone(UTC)])


@pytest.mark.parametrize("value", [1.5, None, [1], float("nan")])
def test_value_that_names_nobody_is_no_key(value: Any) -> None:
    with pytest.raises(InvalidInputError, match="as keys"):
        encode_key([value])


@pytest.mark.parametrize(
    ("dtype", "values"),
    [
        (pl.Float64(), [1.5, math.inf, -math.inf, None, -0.0]),
        (pl.Float32(), [1.5, None]),
        (pl.Int64(), [-(1 << 63), (1 << 63) - 1, None]),
        (pl.UInt64(), [0, (1 << 64) - 1]),
        (pl.Boolean(), [True, False, None]),
        (pl.String(), ["", "工程 🏗️", None]),
        (pl.Binary(), [b"", b"\xff\x00", None]),
        (pl.Date(), [date(1, 1, 1), date(2026, 3, 29), None]),
        (pl.Datetime("us", "UTC"), [datetime(1, 1, 1, tzinfo=UTC), _NOON, None]),
        (pl.Datetime("us"), [_NOON.replace(tzinfo=None), None]),
        (pl.List(pl.Int64()), [[1, None], [], None]),
        (pl.List(pl.Date()), [[date(2026, 3, 29), None], [], None]),
        (pl.List(pl.List(pl.Datetime("us", "UTC"))), [[[datetime(2026, 3, 29, tzinfo=UTC)], None, []], None]),
    ],
)  # fmt: skip
def test_values_of_every_type_come_back_as_they_were(dtype: pl.DataType, values: list[Any]) -> None:
    frame = pl.DataFrame({"x": pl.Series(values, dtype=dtype)})
    back = revive(dtype)
    for (plain,), value in zip(frame.select(plain_values(["x"])).iter_rows(), values, strict=True):
        event_us, created_us, expires_us, (found,) = decode_row(encode_row(5, None, 7, (plain,)))
        assert (event_us, created_us, expires_us) == (5, None, 7)
        assert (found if found is None or back is None else back(found)) == value


def test_nan_comes_back() -> None:
    assert math.isnan(decode_row(encode_row(0, 0, None, [math.nan]))[3][0])


def test_row_is_what_is_documented() -> None:
    assert msgspec.msgpack.decode(encode_row(1, 2, None, ("a", 1.5))) == [1, 2, None, ["a", 1.5]]


@given(_MOMENT)
def test_moments_are_exact_to_the_microsecond(moment: datetime) -> None:
    assert moment_of(micros(moment)) == moment
    assert micros(moment.replace(tzinfo=None)) == micros(moment)


def test_types_of_keys_are_told_by_kind() -> None:
    frame = pl.DataFrame(
        {"a": [1], "b": ["x"], "c": [date(2026, 1, 1)], "d": [1.5]},
        schema_overrides={"a": pl.UInt8, "b": pl.Categorical},
    )
    assert key_types(frame, ["a", "b", "c"]) == ["Int64", "String", "Date"]
    with pytest.raises(InvalidInputError, match="Float64 cannot be keys"):
        key_types(frame, ["d"])


@pytest.mark.parametrize(
    ("name", "given_", "expected"),
    [
        ("Int64", 7, 7), ("Int64", 7.0, 7), ("String", "7", "7"), ("Date", "2026-01-31", date(2026, 1, 31)),
        ("Date", date(2026, 1, 31), date(2026, 1, 31)), ("Boolean", True, True), ("Int64", None, None),
        ("Date", None, None),
        ("Datetime(time_unit='us', time_zone='UTC')", "2026-01-31T10:00:00Z", datetime(2026, 1, 31, 10, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_request_value_becomes_one_of_the_keys_type(name: str, given_: Any, expected: Any) -> None:
    assert key_caster(name, "k")(given_) == expected


@pytest.mark.parametrize(
    ("name", "value"), [("Int64", "7"), ("Int64", 7.5), ("Int64", True), ("String", 7), ("Date", "31.1."), ("Date", 3)]
)
def test_request_value_of_another_type_is_refused(name: str, value: Any) -> None:
    with pytest.raises(InvalidInputError, match="in the key 'k', found"):
        key_caster(name, "k")(value)


def test_days_and_moments_stand_for_one_another_where_nothing_is_lost() -> None:
    day, moment = key_caster("Date", "day"), key_caster("Datetime(time_unit='us', time_zone=None)", "at")
    assert day(datetime(2026, 1, 31, tzinfo=UTC)) == date(2026, 1, 31)
    assert moment(date(2026, 1, 31)) == datetime(2026, 1, 31, tzinfo=UTC)
    with pytest.raises(InvalidInputError, match="found the moment"):
        day(datetime(2026, 1, 31, 12, tzinfo=UTC))
