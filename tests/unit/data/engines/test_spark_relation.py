"""What can be said without Spark; the rounds themselves are in test_spark_engine.py."""

from __future__ import annotations

from typing import Any

import polars as pl

from millwright.data.engines.spark_relation import quoted, without


def test_names_are_quoted_as_spark_takes_them() -> None:
    assert quoted("a.b`c") == "`a.b``c`"


def test_without_broken_rows_nothing_is_joined() -> None:
    rows: Any = object()
    assert without(rows, pl.Series([], dtype=pl.Int64)) is rows
