from __future__ import annotations

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.models.task import Task
from millwright.training.target import label


def _frame(values: list[object]) -> pl.DataFrame:
    return pl.DataFrame({"x": range(len(values)), "y": pl.Series(values)})


def test_rows_without_a_target_are_left_out_and_counted() -> None:
    found = label(_frame([1.5, None, float("nan"), 2.5] * 20), "y")

    assert found.task is Task.REGRESSION
    assert found.frame.height == 40
    assert found.without_target == 40
    assert "40 rows without a target were left out" in found.notes


def test_rare_classes_are_left_out_counted_and_named() -> None:
    found = label(_frame(["a", "b"] * 15 + ["c", "d", "d"]), "y")

    assert found.task is Task.BINARY
    assert found.rare_classes == {"c": 1, "d": 2}
    assert "classes with fewer than 3 rows were left out: c, d" in found.notes


def test_few_rows_are_warned_of() -> None:
    assert label(_frame(["a", "b"] * 20), "y").notes == ("only 40 rows: expect unstable results",)
    assert label(_frame(["a", "b"] * 25), "y").notes == ()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["a", "b"] * 9, "at least 20 rows with a target, found 18"),
        ([None] * 30, r"found 0 with a value in 'y' \(30 more have none\)"),
        ([7] * 30, "is constant"),
        (["a"] * 30 + ["b"], r"too few rows of 'b' \(1\)"),
        ([1.5, float("inf")] * 20, "holds infinities"),
    ],
)
def test_target_that_cannot_be_learned_is_refused_with_the_reason(values: list[object], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        label(_frame(values), "y")


def test_absent_target_is_refused_with_the_closest_name() -> None:
    frame = pl.DataFrame({"Delayed": [True, False] * 20})

    with pytest.raises(InvalidInputError, match=r"no target column 'delay' in the table\. Did you mean 'Delayed'"):
        label(frame, "delay")
