from __future__ import annotations

import numpy as np
import polars as pl
from polars.testing import assert_frame_equal, assert_series_equal

from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.monitoring.monitored_column import input_table
from millwright.monitoring.spooled_table import Spool
from millwright.monitoring.window_inputs import WindowInputs, window_inputs

KNOWN = pl.DataFrame(
    {
        "cost": [1.5, 2.5] * 20,
        "floors": [1, 2] * 20,
        "phase": ["a", "b"] * 20,
        "urgent": [True, False] * 20,
        "absent": [0.5] * 40,
    }
).with_columns(start=pl.date(2026, 1, 1))
SIGNATURE = Signature.infer(KNOWN, pl.Series("late", [0, 1] * 20), Task.BINARY)
LOGGED = pl.DataFrame(
    {
        "cost": ["1.5", "none", None, "inf"],
        "floors": [1, 2, None, 4],
        "phase": [1, 2, 3, None],
        "urgent": ["true", "false", "?", None],
        "start": ["2026-01-05", "never", None, "2026-02-01T10:00:00Z"],
        "unknown": [1, 2, 3, 4],
    }
)


def test_columns_of_a_file_are_typed_as_those_in_memory():
    spool = Spool()
    spool.add(LOGGED.head(1))
    spool.add(LOGGED.tail(3))
    expected = input_table(LOGGED, SIGNATURE, rows=4)
    found = window_inputs(spool.table({name: name for name in LOGGED.columns}), SIGNATURE, rows=4)
    assert isinstance(found, WindowInputs)
    assert found.columns == expected.columns
    assert_frame_equal(found.select(found.columns), expected)
    rows = np.array([3, 1])
    for name in expected.columns:
        assert_series_equal(found.take(name, rows), expected[name].gather(rows))


def test_columns_in_memory_are_typed_at_once():
    found = window_inputs(LOGGED, SIGNATURE, rows=4)
    assert isinstance(found, pl.DataFrame)
    assert_frame_equal(found, input_table(LOGGED, SIGNATURE, rows=4))
