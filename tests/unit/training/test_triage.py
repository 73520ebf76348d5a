from __future__ import annotations

import uuid
from typing import Any

import numpy as np
import polars as pl
import pytest

from millwright.models.column import ColumnType
from millwright.training.triage import DroppedColumn, Kept, triage

ROWS = 100
TARGET = pl.Series("y", [True, False] * (ROWS // 2))
_RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("x", [None] * ROWS, "empty"),
        ("x", [float("nan")] * ROWS, "empty"),
        ("x", [5] * ROWS, "constant: 5 in every row"),
        ("x", [[1]] * ROWS, r"of type List\(Int64\)"),
        ("x", TARGET.to_list(), "equal to the target"),
        ("x", list(range(7, 7 + ROWS)), "counts the rows"),
        ("Project ID", (_RANDOM.permutation(10_000)[:ROWS]).tolist(), "different in every row"),
        ("projectId", (_RANDOM.permutation(10_000)[:ROWS]).tolist(), "different in every row"),
        ("x", [str(uuid.UUID(int=value)) for value in range(ROWS)], "an identifier"),
    ],
)
def test_column_that_cannot_teach_is_dropped_with_the_reason(name: str, values: list[Any], reason: str) -> None:
    verdict = triage(pl.Series(name, values), TARGET)

    assert isinstance(verdict, DroppedColumn)
    assert pl.Series([verdict.reason]).str.contains(reason).all()


@pytest.mark.parametrize(
    ("name", "values", "kind", "note"),
    [
        ("x", [5, None] * (ROWS // 2), ColumnType.INTEGER, ""),
        ("x", (_RANDOM.permutation(10_000)[:ROWS]).tolist(), ColumnType.INTEGER, ""),
        ("x", _RANDOM.random(ROWS).tolist(), ColumnType.NUMBER, ""),
        ("paid", (_RANDOM.permutation(10_000)[:ROWS]).tolist(), ColumnType.INTEGER, ""),
        ("x", [f"a sentence about {value}" for value in range(ROWS)], ColumnType.TEXT, "free text"),
        ("x", [f"c{value % 60}" for value in range(3 * ROWS)][:ROWS], ColumnType.TEXT, "free text"),
        ("x", ["a", "b"] * (ROWS // 2), ColumnType.CATEGORY, ""),
        ("x", [not value for value in TARGET], ColumnType.BOOLEAN, ""),
    ],
)
def test_column_that_can_teach_is_kept(name: str, values: list[Any], kind: ColumnType, note: str) -> None:
    verdict = triage(pl.Series(name, values), TARGET)

    assert isinstance(verdict, Kept)
    assert verdict.type is kind
    assert verdict.note.startswith(note)


def test_many_categories_are_kept_with_a_note() -> None:
    values = pl.Series("x", [f"c{value % 60}" for value in range(600)])
    verdict = triage(values, pl.Series("y", [True, False] * 300))

    assert verdict == Kept("x", ColumnType.CATEGORY, "60 categories: the 50 most frequent are told apart")


def test_number_equal_to_a_number_target_is_dropped_across_types() -> None:
    target = pl.Series("y", [float(value % 17) for value in range(ROWS)])

    assert triage(target.cast(pl.Int64).alias("x"), target) == DroppedColumn("x", "equal to the target")
