"""Real rows with a question about them, and the changes that are put into windows of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from millwright.monitoring.finding import AlertKind

Change = Callable[[pl.DataFrame, np.random.Generator], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Drift:
    """A change of a window.

    Attributes:
        kind: The alert that has to be raised.
        column: The one that has to be named first; empty where it is none.
        change: The window with it; where `cuts`, of all later rows those that a window is drawn from.
        cuts: Whether the change is which rows come.
    """

    kind: AlertKind
    column: str
    change: Change
    cuts: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """Rows, what is asked about them, and what may happen to them.

    Attributes:
        name: What they are.
        rows: All of them in the order of a seed, with target.
        numbers: Columns that the model takes.
        categories: Likewise.
        target: 0 and 1.
        hidden: Columns that are neither asked nor answered.
        window: Rows of a window.
        drifts: By name.
    """

    name: str
    rows: Callable[[int], pl.DataFrame]
    numbers: Sequence[str]
    categories: Sequence[str]
    target: str
    hidden: Sequence[str] = ()
    window: int
    drifts: Mapping[str, Drift]


def shifted(column: str) -> Change:
    """The mean moves by one standard deviation."""
    return lambda rows, _: rows.with_columns(pl.col(column) + pl.col(column).std())


def spread(column: str) -> Change:
    """The standard deviation becomes two and a half times as large, the mean stays."""
    each = pl.col(column)
    return lambda rows, _: rows.with_columns(each.mean() + 2.5 * (each - each.mean()))


def swapped(column: str, before: str, after: str) -> Change:
    """Half the rows of one category are called another one: an upstream table of codes changed."""

    def change(rows: pl.DataFrame, generator: np.random.Generator) -> pl.DataFrame:
        half = pl.Series(generator.random(rows.height) < 0.5)
        return rows.with_columns(
            pl.when(half & (pl.col(column) == before)).then(pl.lit(after)).otherwise(column).alias(column)
        )

    return change


def emptied(column: str) -> Change:
    """Three values in ten are missing."""

    def change(rows: pl.DataFrame, generator: np.random.Generator) -> pl.DataFrame:
        gone = pl.Series(generator.random(rows.height) < 0.3)
        return rows.with_columns(pl.when(gone).then(None).otherwise(column).alias(column))

    return change


def flipped(target: str) -> Change:
    """Three labels in ten are turned: what the features say no longer holds."""

    def change(rows: pl.DataFrame, generator: np.random.Generator) -> pl.DataFrame:
        wrong = pl.Series(generator.random(rows.height) < 0.3)
        return rows.with_columns(pl.when(wrong).then(1 - pl.col(target)).otherwise(target).alias(target))

    return change


def only(column: str, low: float, high: float) -> Change:
    """Only the rows of one season, where the reference holds whole years."""
    return lambda rows, _: rows.filter(pl.col(column).is_between(low, high))
