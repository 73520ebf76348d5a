from __future__ import annotations

import math

import polars as pl
import pytest

from millwright.deployment.realtime.log_column import typed
from millwright.models.column import ColumnType


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
def test_values_become_a_column_of_their_type(kind, values, dtype):
    found = typed(kind, values)
    assert found.dtype == dtype
    assert found.to_list() == values


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
def test_value_of_another_type_is_refused(kind, odd):
    usual = {ColumnType.BOOLEAN: True, ColumnType.TEXT: "a"}.get(kind, 1)
    with pytest.raises(TypeError):
        typed(kind, [usual, usual, odd, usual])


def test_numbers_that_json_does_not_have_are_missing():
    values = [1.0, math.nan, -math.inf]
    assert typed(ColumnType.NUMBER, values).to_list() == [1.0, None, None]
    assert typed(ColumnType.NUMBER, [*values, None]).to_list() == [1.0, None, None, None]
