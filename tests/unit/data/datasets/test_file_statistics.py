from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest

from millwright.data.datasets.file_statistics import statistics


def found(values: Any, dtype: Any = None) -> tuple[Any, Any, Any]:
    stats = json.loads(statistics(pl.DataFrame({"a": pl.Series(values, dtype=dtype, strict=False)})))
    assert stats["numRecords"] == len(values)
    return tuple(stats[name].get("a") for name in ("minValues", "maxValues", "nullCount"))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("values", "dtype", "expected"),
    [
        ([3, None, 1], pl.Int16, (1, 3, 1)),
        ([1.5, -2.0], None, (-2.0, 1.5, 0)),
        ([1.0, float("nan")], None, (None, None, 0)),
        ([1.0, float("inf")], None, (None, None, 0)),
        (["b", "ä", None], None, ("b", "ä", 1)),
        (["x" * 65, "y"], None, (None, None, 0)),
        ([date(2026, 1, 2)], None, ("2026-01-02", "2026-01-02", 0)),
        ([datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)], None, ("2026-01-02T03:04:05.000006Z",) * 2 + (0,)),
        ([datetime(2026, 1, 2)], None, ("2026-01-02T00:00:00.000000",) * 2 + (0,)),  # noqa: DTZ001 - naive on purpose
        ([True, None], None, (None, None, 1)),
        ([None, None], pl.Int64, (None, None, 2)),
        ([[1], None], None, (None, None, None)),
    ],
)
def test_bounds_are_given_where_they_are_certain(values: Any, dtype: Any, expected: tuple[Any, Any, Any]) -> None:
    assert found(values, dtype) == expected


def test_wide_tables_keep_bounds_of_their_first_columns() -> None:
    stats = json.loads(statistics(pl.DataFrame({f"c{number}": [number] for number in range(40)})))
    assert list(stats["minValues"]) == [f"c{number}" for number in range(32)]
