from __future__ import annotations

import math
import random
from typing import Any

import polars as pl
import pytest

from millwright.deployment.realtime.log_column import LogColumn, LogTexts
from millwright.models.column import ColumnType


def collected(kind: ColumnType, *parts: list[Any]) -> LogColumn:
    column = LogColumn(kind)
    for part in parts:
        column.extend(part)
    return column


@pytest.mark.parametrize(
    ("kind", "values", "dtype"),
    [
        (ColumnType.NUMBER, [1.5, 2.0], pl.Float64),
        (ColumnType.NUMBER, [1.5, None, 2], pl.Float64),
        (ColumnType.INTEGER, [3, -(2**63)], pl.Int64),
        (ColumnType.INTEGER, [3, 4.0, None], pl.Int64),
        (ColumnType.BOOLEAN, [True, None, False], pl.Boolean),
        (ColumnType.CATEGORY, ["a", None], pl.String),
    ],
)
def test_values_come_back_as_a_column_of_their_type(kind, values, dtype):
    column = collected(kind, values[:1], values[1:], values)
    assert column.values() == values + values
    assert column.series().dtype == dtype
    assert column.series().to_list() == values + values


@pytest.mark.parametrize(
    ("kind", "odd"),
    [
        (ColumnType.NUMBER, "x"),
        (ColumnType.INTEGER, 1.5),
        (ColumnType.INTEGER, 2**63),
        (ColumnType.BOOLEAN, "x"),
        (ColumnType.TEXT, 1),
    ],
)
def test_value_of_another_type_is_no_column_and_is_not_lost(kind, odd):
    usual = {ColumnType.BOOLEAN: True, ColumnType.TEXT: "a"}.get(kind, 1)
    column = collected(kind, [usual, usual], [usual, odd], [usual])
    assert column.values() == [usual, usual, usual, odd, usual]
    with pytest.raises(TypeError):
        column.series()


@pytest.mark.parametrize("counts", [(15, 15, 3), (16, 16), (64, 64, 64, 7), (1, 16, 1), (70_000,)])
def test_numbers_come_back_exactly_however_many_come_at_once(counts):
    source = random.Random(0)
    parts = [[source.uniform(-1e300, 1e300) for _ in range(count)] for count in counts]
    column = collected(ColumnType.NUMBER, *parts)
    assert column.series().to_list() == column.values() == [each for part in parts for each in part]


@pytest.mark.parametrize("odd", [7, None, True, 2**63, -1])
def test_number_that_is_no_float_is_one_among_floats(odd):
    values = [1.5] * 63 + [odd]
    found = collected(ColumnType.NUMBER, [0.5] * 64, values)
    assert found.values() == [0.5] * 64 + values
    assert found.series().to_list() == [0.5] * 64 + values


def test_numbers_that_json_does_not_have_are_missing():
    values = [1.0, math.nan, -math.inf]
    assert collected(ColumnType.NUMBER, values).series().to_list() == [1.0, None, None]
    assert collected(ColumnType.NUMBER, values, [None]).series().to_list() == [1.0, None, None, None]


@pytest.mark.parametrize("parts", [[["a", "b"], ["c"]], [["", ""]], [["a"], ["b\nc", ""], ["d"]], [["\n"]]])
def test_texts_come_back_in_order(parts):
    texts = LogTexts()
    for part in parts:
        texts.extend(part)
    assert texts.series().to_list() == [text for part in parts for text in part]
    assert texts.series().dtype == pl.String
