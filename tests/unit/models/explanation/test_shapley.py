from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest

from millwright.models.explanation.shapley import shapley_values


class Counted:
    """A function over rows that counts what it is asked."""

    def __init__(self, function: Any) -> None:
        self.function = function
        self.rows = 0

    def __call__(self, rows: list[dict[str, Any]]) -> Any:
        self.rows += len(rows)
        return np.array([self.function(row) for row in rows], dtype=float)


def _crossed(row: dict[str, Any]) -> float:
    return row["a"] * row["b"] + 3 * row["c"] * row["a"] * row["b"] - row["c"] ** 2 + (row["d"] == "x")


_ROW = {"a": 2.0, "b": -1.0, "c": 3.0, "d": "x"}
_BACKGROUND = [{"a": 0.5, "b": 1.0, "c": 0.0, "d": "y"}, {"a": 1.0, "b": 2.0, "c": -1.0, "d": "x"}]


def _by_definition(function: Any, row: dict[str, Any], background: list[dict[str, Any]]) -> dict[str, float]:
    """The mean over all orders of what a column changes when it joins those before it."""
    total = dict.fromkeys(row, 0.0)
    orders = list(permutations(row))
    for order in orders:
        for other in background:
            walk = dict(other)
            for name in order:
                before = function(walk)
                walk[name] = row[name]
                total[name] += (function(walk) - before) / (len(orders) * len(background))
    return total


def test_every_set_gives_the_values_of_the_definition() -> None:
    answer = Counted(_crossed)
    base, values, every = shapley_values(answer, _ROW, _BACKGROUND, budget=2_000)

    assert every
    assert values == pytest.approx(_by_definition(_crossed, _ROW, _BACKGROUND))
    assert base + sum(values.values()) == pytest.approx(_crossed(_ROW))
    assert answer.rows == 16 * 2


@pytest.mark.parametrize("budget", [11, 60, 400])
def test_walks_add_up_exactly_within_their_budget(budget: int) -> None:
    random = np.random.default_rng(0)
    names = [f"c{number}" for number in range(9)]
    row, *others = ({name: float(random.normal()) for name in names} for _ in range(4))

    def function(asked: dict[str, Any]) -> float:
        return float(np.prod([1 + value / 5 for value in asked.values()]))

    answer = Counted(function)
    base, values, every = shapley_values(answer, row, others, budget=budget, seed=1)

    assert not every
    assert base + sum(values.values()) == pytest.approx(function(row))
    assert answer.rows <= max(budget, 20)
    assert shapley_values(Counted(function), row, others, budget=budget, seed=1)[1] == values


def test_walks_come_near_the_values_of_the_definition() -> None:
    _, values, every = shapley_values(Counted(_crossed), _ROW, _BACKGROUND * 100, budget=3_000)

    assert not every
    assert values == pytest.approx(_by_definition(_crossed, _ROW, _BACKGROUND), abs=0.6)


def test_linear_function_gets_its_weights_times_the_distance_to_the_mean() -> None:
    weights = {"a": 2.0, "b": -1.0, "c": 0.5}
    background = [{"a": 1.0, "b": 5.0, "c": 4.0}, {"a": 3.0, "b": 1.0, "c": 4.0}]
    row = {"a": 10.0, "b": 0.0, "c": 4.0}
    answer = Counted(lambda asked: sum(weights[name] * asked[name] for name in weights))

    base, values, _ = shapley_values(answer, row, background, budget=100)

    assert values == pytest.approx({"a": 16.0, "b": 3.0, "c": 0.0})
    assert base == pytest.approx(2 * 2 - 3 + 2)


def test_row_that_equals_the_background_has_no_contributions() -> None:
    assert shapley_values(Counted(_crossed), _ROW, [dict(_ROW)], budget=10) == (
        _crossed(_ROW), dict.fromkeys(_ROW, 0.0), True,
    )  # fmt: skip
