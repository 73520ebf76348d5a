from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl
import pytest

from millwright.deployment.realtime.log_cells import LogCells
from millwright.deployment.realtime.log_entry import LoggedColumns
from millwright.models.column import ColumnType, SignatureColumn

DAYS = SignatureColumn(name="days", type=ColumnType.NUMBER)
NOTE = SignatureColumn(name="note", type=ColumnType.TEXT)
IMAGE = SignatureColumn(name="image", type=ColumnType.TENSOR, dtype="float32", shape=(2,))


def collected(columns, *parts: Any):
    cells = LogCells(LoggedColumns(columns))
    for part in parts:
        cells.extend(part)
    return cells.cells()


def test_rows_of_the_signature_become_columns():
    found = collected((DAYS, NOTE), [[1.5, "a"], {"note": "b", "days": 2}], [(None, None)])
    assert {name: values.to_list() for name, values in found.items()} == {
        "days": [1.5, 2.0, None],
        "note": ["a", "b", None],
    }


@pytest.mark.parametrize(
    "odd", [{"days": 1.5}, {"days": 1.5, "other": "a"}, {"days": "x", "note": "a"}, '{"days":[1]}', {}]
)
def test_row_that_does_not_fit_makes_texts_of_all(odd):
    found = collected((DAYS, NOTE), [[1.5, "a"]], [odd], [{"days": 2.5, "note": "b"}])
    assert isinstance(found, pl.Series)
    expected = odd if isinstance(odd, dict) else json.loads(odd)
    assert [json.loads(each) for each in found] == [
        {"days": 1.5, "note": "a"},
        expected,
        {"days": 2.5, "note": "b"},
    ]


def test_arrays_are_texts():
    found = collected((DAYS, IMAGE), [(1.5, np.array([1.0, 2.0]))], [{"days": 1.0, "image": [3.0, 4.0]}])
    assert [json.loads(each) for each in found] == [
        {"days": 1.5, "image": [1.0, 2.0]},
        {"days": 1.0, "image": [3.0, 4.0]},
    ]
