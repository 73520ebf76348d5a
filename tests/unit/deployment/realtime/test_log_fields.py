"""Fields read of all records at once, beside the same values read one by one by msgspec and made a column by Polars."""

from __future__ import annotations

import math
import random
from typing import Any

import msgspec
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.deployment.realtime.log_column import typed
from millwright.deployment.realtime.log_fields import LogFields, UnreadableFieldError
from millwright.models.column import ColumnType

encode = msgspec.msgpack.encode
LONG = ["", "a", "ä" * 15, "b" * 31, "c" * 32, "d" * 255, "e" * 256, "f" * 65_535, "g" * 65_536, None]
NUMBERS = [0, 127, 128, 255, 256, 65_535, 65_536, 2**32 - 1, 2**32, 2**63 - 1]
WHOLE = [*NUMBERS, *(-each for each in NUMBERS), -32, -33, -(2**63), 4.0, None]


def fields_of(*columns: list[Any]) -> LogFields:
    """Records that are just the values of columns, one behind the other."""
    records = [b"".join(map(encode, values)) for values in zip(*columns, strict=True)]
    lengths = [len(each) for each in records]
    same = len(set(lengths)) == 1
    return LogFields(b"".join(records), lengths[0] if same else np.array(lengths), len(records))


VALUES = [
    (ColumnType.NUMBER, [1.5, -1e300, 0.1]),
    (ColumnType.NUMBER, [1.5, math.nan, math.inf]),
    (ColumnType.NUMBER, [*WHOLE, 1.5, -math.inf, 2**64 - 1]),
    (ColumnType.INTEGER, [1, 2, 3]),
    (ColumnType.INTEGER, [1_000, 2_000, 3_000]),
    (ColumnType.INTEGER, [1.0, -2.0, 2.0**53]),
    (ColumnType.INTEGER, WHOLE),
    (ColumnType.BOOLEAN, [True, False]),
    (ColumnType.BOOLEAN, [True, False, None]),
    (ColumnType.CATEGORY, ["Queens", "Boston"]),
    (ColumnType.CATEGORY, ["Queens", "Bronx", None]),
    (ColumnType.TEXT, LONG),
    (ColumnType.TEXT, ["d" * 40, "e" * 40]),
    (ColumnType.TEXT, ["d" * 40, "e" * 41]),
    (ColumnType.TEXT, ["", ""]),
    (ColumnType.DATE, [None, None]),
]


@pytest.mark.parametrize(("kind", "values"), VALUES)
@pytest.mark.parametrize("ahead", [["same", "same"], ["short", "quite long"]])
def test_column_is_the_same_as_of_single_values(kind, values, ahead):
    texts = [ahead[number % 2] for number in range(len(values))]
    fields = fields_of(texts, values, list(range(len(values))))
    assert fields.texts().to_list() == texts
    found, expected = fields.column(kind), typed(kind, values)
    assert found.dtype == expected.dtype
    assert found.to_list() == expected.to_list()
    assert fields.column(ColumnType.INTEGER).to_list() == list(range(len(values)))
    fields.end()


@pytest.mark.parametrize(
    ("kind", "odd"),
    [
        (ColumnType.NUMBER, "x"),
        (ColumnType.NUMBER, True),
        (ColumnType.NUMBER, [1.0]),
        (ColumnType.INTEGER, 1.5),
        (ColumnType.INTEGER, 2**63),
        (ColumnType.INTEGER, math.nan),
        (ColumnType.INTEGER, 2.0**63),
        (ColumnType.BOOLEAN, 1),
        (ColumnType.TEXT, 1),
        (ColumnType.TEXT, {"a": 1}),
    ],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_value_of_another_type_is_not_read(kind, odd, is_first):
    usual: Any = {ColumnType.BOOLEAN: True, ColumnType.TEXT: "a", ColumnType.NUMBER: 1.5}.get(kind, 1)
    with pytest.raises(UnreadableFieldError):
        fields_of([odd, usual] if is_first else [usual, usual, odd]).column(kind)


def test_floats_are_floats_in_all_records():
    assert fields_of([1.5, 2.5]).floats().tolist() == [1.5, 2.5]
    with pytest.raises(UnreadableFieldError):
        fields_of([1.5, 2]).floats()


@pytest.mark.parametrize("values", [["ab", "ab"], ["ab", "ab\0"], ["ab\0", "ab\0"], ["ab", "abc"]])
@pytest.mark.parametrize("wanted", ["ab", "ab\0", "a", "abc"])
def test_expected_bytes_are_compared_exactly(values, wanted):
    fields = fields_of(values, ["end"] * 2)
    if set(values) == {wanted}:
        fields.expect(encode(wanted))
        assert fields.texts().to_list() == ["end"] * 2
        fields.end()
    else:
        with pytest.raises(UnreadableFieldError):
            fields.expect(encode(wanted))


def test_end_is_where_no_field_is_left():
    fields = fields_of([1.5], ["a"])
    fields.floats()
    with pytest.raises(UnreadableFieldError):
        fields.end()


KINDS: dict[ColumnType, st.SearchStrategy[Any]] = {
    ColumnType.NUMBER: st.none() | st.floats() | st.integers(-(2**63), 2**64 - 1),
    ColumnType.INTEGER: st.none() | st.integers(-(2**63), 2**63 - 1),
    ColumnType.BOOLEAN: st.none() | st.booleans(),
    ColumnType.TEXT: st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
}


@given(st.data(), st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=6), st.integers(1, 20))
def test_any_columns_are_read_as_they_were_packed(data, kinds, count):
    columns = [data.draw(st.lists(KINDS[kind], min_size=count, max_size=count)) for kind in kinds]
    fields = fields_of(*columns)
    for kind, values in zip(kinds, columns, strict=True):
        assert fields.column(kind).to_list() == typed(kind, values).to_list()
    fields.end()


def test_numbers_come_back_exactly():
    source = random.Random(0)
    values = [source.uniform(-1e300, 1e300) for _ in range(5_000)]
    assert fields_of(values).column(ColumnType.NUMBER).equals(pl.Series(values=values))
