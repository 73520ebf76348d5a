"""Split: which rows train and which test."""

from __future__ import annotations

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.pipelines.context import StepContext
from millwright.pipelines.step import step
from millwright.training.split import split_by_time, split_random


@step
def split(
    ctx: StepContext,
    table: pl.DataFrame,
    by_time: str | None = None,
    group: str | None = None,
    test_size: float = 0.2,
    stratify: str | None = None,
    seed: int = 0,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split a table into train and test rows.

    Args:
        ctx: Given by the runner.
        table: Rows to split.
        by_time: Column to split along: the later rows test. Random when None.
        group: Column whose equal values stay on one side (phases of one project).
        test_size: Share of rows that test, between 0 and 1.
        stratify: Column whose distribution both sides share; for random splits.
        seed: Of the random split.

    Returns:
        Train rows and test rows.

    Raises:
        InvalidInputError: A column is absent, the rows cannot be split so, or both `by_time` and `stratify` are given.
    """
    if by_time is not None and stratify is not None:
        raise InvalidInputError(
            f"A split by time ('{by_time}') cannot keep the shares of '{stratify}' too.", hint="Leave one of them out."
        )
    if by_time is not None:
        parts = split_by_time(table, time=by_time, test_size=test_size, group=group)
    else:
        parts = split_random(table, test_size=test_size, target=stratify, group=group, seed=seed)
    ctx.note(train=parts.train.height, test=parts.test.height, dropped=parts.dropped, note=parts.note)
    return parts.train, parts.test
