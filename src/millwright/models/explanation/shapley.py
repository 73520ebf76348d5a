"""Shapley values of one row against background rows, from answers alone.

Every column is a player. A set of columns is worth the mean answer for rows that have these columns' values from the
row and all others from a background row (Lundberg and Lee, NeurIPS 2017, with features taken as independent). With few
columns all sets are asked; with more, walks from a background row to the row, in random orders and their reverses,
give an estimate (Štrumbelj and Kononenko, Knowledge and Information Systems 41, 2014; antithetic pairs after Mitchell
et al., JMLR 23, 2022). Each walk's steps add up, so the sum is exact in both.
"""

from __future__ import annotations

from math import factorial
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    Answer = Callable[[list[dict[str, Any]]], NDArray[np.float64]]


def shapley_values(
    answer: Answer,
    row: Mapping[str, Any],
    background: Sequence[Mapping[str, Any]],
    *,
    budget: int,
    seed: int = 0,
) -> tuple[float, dict[str, float], bool]:
    """The base value and each column's Shapley value.

    Args:
        answer: m complete rows → m finite numbers.
        row: A complete row.
        background: At least one complete row, with the same columns.
        budget: Rows that may be asked. Where it is too small for a walk from each background row, fewer of those are
            used; one walk and its reverse are made in any case.
        seed: Of the orders.

    Returns:
        The mean answer for the background rows used; by column its value, 0.0 where all of them equal the row; and
        whether every set was asked. Base and values add up to the row's answer, but for rounding.
    """
    playing = [name for name in row if any(_differ(other[name], row[name]) for other in background)]
    values = dict.fromkeys(row, 0.0)
    if not playing:
        return float(answer([dict(row)])[0]), values, True
    is_exact = (1 << len(playing)) * len(background) <= budget if len(playing) < 31 else False
    if is_exact:
        base, found = _every_set(answer, row, background, playing)
    else:
        base, found = _walks(answer, row, background, playing, budget, np.random.default_rng(seed))
    values.update(zip(playing, found.tolist(), strict=True))
    return base, values, is_exact


def _differ(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return not np.array_equal(one, other)
    return bool(one != other)


def _every_set(
    answer: Answer, row: Mapping[str, Any], background: Sequence[Mapping[str, Any]], playing: list[str]
) -> tuple[float, NDArray[np.float64]]:
    players, sets = len(playing), 1 << len(playing)
    rows = [
        {**other, **{name: row[name] for index, name in enumerate(playing) if chosen >> index & 1}}
        for chosen in range(sets)
        for other in background
    ]
    worth = answer(rows).reshape(sets, len(background)).mean(axis=1)  # (sets,)
    size = np.array([chosen.bit_count() for chosen in range(sets)])
    weight = np.array([factorial(k) * factorial(players - k - 1) / factorial(players) for k in range(players)])
    found = np.empty(players)
    for index in range(players):
        without = np.flatnonzero((np.arange(sets) >> index & 1) == 0)
        found[index] = np.sum(weight[size[without]] * (worth[without | 1 << index] - worth[without]))
    return float(worth[0]), found


def _walks(
    answer: Answer,
    row: Mapping[str, Any],
    background: Sequence[Mapping[str, Any]],
    playing: list[str],
    budget: int,
    random: np.random.Generator,
) -> tuple[float, NDArray[np.float64]]:
    steps = len(playing) + 1
    pairs = max(1, budget // (2 * steps))
    used = background[:pairs]
    pairs -= pairs % len(used)  # as many from each, so that the base is their plain mean
    orders, rows = [], []
    for number in range(pairs):
        order = random.permutation(len(playing))
        for one in (order, order[::-1]):
            walk = dict(used[number % len(used)])
            orders.append(one)
            rows.append(dict(walk))
            for index in one:
                walk[playing[index]] = row[playing[index]]
                rows.append(dict(walk))
    answers = answer(rows).reshape(len(orders), steps)
    found = np.zeros(len(playing))
    for one, path in zip(orders, answers, strict=True):
        found[one] += np.diff(path)
    return float(answers[:, 0].mean()), found / len(orders)
