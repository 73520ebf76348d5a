from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.models.task import Task
from millwright.training.task import infer_task


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([True, False, None], Task.BINARY),
        (["yes", "no"], Task.BINARY),
        (["a", "b", "c"], Task.MULTICLASS),
        ([0, 1, 1], Task.BINARY),
        ([1, 2] * 3, Task.BINARY),
        (list(range(5)) * 5, Task.MULTICLASS),
        (list(range(5)) * 4, Task.REGRESSION),
        (list(range(21)) * 50, Task.REGRESSION),
        ([0.0, 1.0, float("nan")], Task.BINARY),
        ([1.5, 2.5], Task.REGRESSION),
        ([0.0, 1.0, 2.0], Task.REGRESSION),
    ],
)
def test_task_follows_from_the_targets_values_when_it_is_auto(values: list[Any], expected: Task) -> None:
    assert infer_task(pl.Series("y", values)) is expected


def test_task_is_what_was_asked_when_the_target_allows_it() -> None:
    numbers = pl.Series("y", [1.0, 2.0, 3.0])

    assert infer_task(numbers, "classification") is Task.MULTICLASS
    assert infer_task(pl.Series("y", [0, 1, 0]), "regression") is Task.REGRESSION


@pytest.mark.parametrize(
    ("values", "requested", "message"),
    [
        (["a", "b"], "regression", "needs a target of numbers"),
        ([True, False], "regression", "needs a target of numbers"),
        ([str(index) for index in range(101)], "auto", "at most 100 classes, found 101"),
        ([date(2026, 1, 1), date(2026, 1, 2)], "auto", "of type Date"),
        ([1, 2, 3], "binary", "Expected a binary target, found 3"),
        ([7, 7, None], "auto", "is constant: every row holds 7"),
        ([None, None], "auto", "is empty"),
    ],
)
def test_task_is_refused_when_the_target_cannot_be_that(values: list[Any], requested: str, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        infer_task(pl.Series("y", values), requested)


def test_task_names_the_closest_when_the_request_is_unknown() -> None:
    with pytest.raises(InvalidInputError, match="Did you mean 'regression'"):
        infer_task(pl.Series("y", [1, 2]), "regresion")
