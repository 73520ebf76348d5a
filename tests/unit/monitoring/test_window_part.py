from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from millwright.core.ids import new_ids
from millwright.monitoring.column_table import ColumnTable
from millwright.monitoring.window_part import WindowPart, value_type
from millwright.storage.base.prediction_table import PredictionTable

START = datetime(2026, 1, 15, tzinfo=UTC)


def segment(hour: int, rows: int, *, ids: list[str] | None = None, **features: Any) -> PredictionTable:
    """Rows of one moment, whose ids are in no order, with some features."""
    at = START + timedelta(hours=hour)
    generator = np.random.default_rng(hour)
    return PredictionTable(
        endpoint="delay",
        model="delay",
        version=1,
        rows=pl.DataFrame(
            {
                "id": ids or new_ids(rows, int(at.timestamp() * 1000)),
                "at": [at] * rows,
                "latency_ms": generator.random(rows),
                "request_id": ["r"] * rows,
                "key": pl.Series([None] * rows, dtype=pl.String),
            }
        ),
        features=pl.DataFrame({"days": generator.random(rows), "phase": [f"p{hour}"] * rows, **features}),
        outputs=pl.DataFrame({"prediction": generator.integers(0, 2, rows)}),
    )


SEGMENTS = [
    segment(3, 40),
    segment(1, 30, more=[1] * 30),
    segment(2, 50, more=[1.5] * 50),
    segment(5, 20, more=["text"] * 20),
    segment(4, 60),
    segment(5, 10, ids=[f"no id of ours {number}" for number in range(10)]),
]


@pytest.mark.parametrize("segments", [SEGMENTS, SEGMENTS[:5], SEGMENTS[1:3], SEGMENTS[:1]])
@pytest.mark.parametrize("last", [None, 1, 35, 70, 1000])
def test_rows_of_a_file_are_those_that_would_be_in_memory(segments: list[PredictionTable], last: int | None):
    in_memory, in_file = WindowPart(last), WindowPart(last, held_bytes=1_000)
    for each in segments:
        in_memory.add(each)
        in_file.add(each)
    for expected, found in zip(in_memory.tables(), in_file.tables(), strict=True):
        assert isinstance(expected, pl.DataFrame)
        assert last == 1 or isinstance(found, ColumnTable)  # one row is less than what may be in memory
        assert_frame_equal(found.select(found.columns), expected)
    assert in_file.types() == in_memory.types()
    assert in_file.newest == in_memory.newest


def test_rows_older_than_those_kept_leave_the_file():
    part = WindowPart(100, held_bytes=1_000)
    for hour in range(40):
        part.add(segment(hour, 50))
    spool = part._spool  # that the disk is not filled can be seen there alone
    assert spool is not None
    assert sum(piece.rows for piece in spool.pieces) <= 250
    assert spool.size_bytes < 40_000
    rows, _, _ = part.tables()
    assert rows["at"].to_list() == [START + timedelta(hours=38)] * 50 + [START + timedelta(hours=39)] * 50


@pytest.mark.parametrize(
    ("dtype", "word"),
    [
        (pl.Int64(), "integer"),
        (pl.Float64(), "number"),
        (pl.Boolean(), "boolean"),
        (pl.String(), "text"),
        (pl.List(pl.Float64), "array"),
    ],
)
def test_types_have_the_names_of_json(dtype: pl.DataType, word: str):
    assert value_type(dtype) == word
