"""The target column: found, cleared of rows without it, and checked before any time is spent."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from millwright.core.errors import InvalidInputError, closest
from millwright.models.task import Task
from millwright.training.task import infer_task

MIN_ROWS = 20
FEW_ROWS = 50
# A class with fewer rows than this cannot be both learned and validated.
MIN_CLASS_ROWS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Labelled:
    """A table whose every row can be learned from.

    Attributes:
        frame: The rows that are left, all columns, the target among them.
        without_target: Rows that were left out because the target is null or NaN.
        rare_classes: Classes that were left out, with their number of rows: fewer than 3 each.
        notes: What the user should know.
    """

    frame: pl.DataFrame
    task: Task
    without_target: int = 0
    rare_classes: dict[str, int]
    notes: tuple[str, ...] = ()


def label(frame: pl.DataFrame, target: str, *, task: str = "auto") -> Labelled:
    """Checks the target and keeps the rows that have one.

    Rows of classes with fewer than 3 rows are left out, counted and named, as long as two classes are left.

    Args:
        frame: The training table.
        target: Name of the target column.
        task: `auto`, `classification`, `regression`, or a task's own name.

    Raises:
        InvalidInputError: The column is absent (the closest is named), empty, constant, infinite, or cannot be what is
            asked; or fewer than 20 rows have a target.
    """
    if target not in frame.columns:
        raise InvalidInputError(
            f"There is no target column '{target}' in the table.", hint=closest(target, frame.columns)
        )
    present = frame.filter(_has_value(frame.get_column(target)))
    missing = frame.height - present.height
    _check_rows(present.height, target, missing)
    column = present.get_column(target)
    found = infer_task(column, task)
    notes = [f"{missing:,} rows without a target were left out"] if missing else []
    rare: dict[str, int] = {}
    if found is Task.REGRESSION:
        _check_finite(column)
    else:
        present, rare = _without_rare(present, target)
        if rare:
            notes.append(f"classes with fewer than {MIN_CLASS_ROWS} rows were left out: {', '.join(rare)}")
        found = infer_task(present.get_column(target), "classification")
    if present.height < FEW_ROWS:
        notes.append(f"only {present.height} rows: expect unstable results")
    return Labelled(frame=present, task=found, without_target=missing, rare_classes=rare, notes=tuple(notes))


def _has_value(column: pl.Series) -> pl.Series:
    return column.is_not_null() & column.is_not_nan() if column.dtype.is_float() else column.is_not_null()


def _check_rows(count: int, target: str, missing: int) -> None:
    if count >= MIN_ROWS:
        return
    left_out = f" ({missing:,} more have none)" if missing else ""
    raise InvalidInputError(
        f"Expected at least {MIN_ROWS} rows with a target, found {count} with a value in '{target}'{left_out}.",
        hint="Add rows, or choose another target.",
    )


def _check_finite(column: pl.Series) -> None:
    if column.dtype.is_float() and column.is_infinite().any():
        raise InvalidInputError(
            f"The target '{column.name}' holds infinities.", hint="Remove these rows or correct their values."
        )


def _without_rare(frame: pl.DataFrame, target: str) -> tuple[pl.DataFrame, dict[str, int]]:
    counts = frame.get_column(target).value_counts(name="rows").sort("rows", target)
    rare = counts.filter(pl.col("rows") < MIN_CLASS_ROWS)
    if rare.height == 0:
        return frame, {}
    named = {str(value): int(count) for value, count in rare.iter_rows()}
    if counts.height - rare.height < 2:
        shown = ", ".join(f"'{value}' ({count})" for value, count in list(named.items())[:5])
        raise InvalidInputError(
            f"Expected at least two classes with {MIN_CLASS_ROWS} rows or more in '{target}', "
            f"found too few rows of {shown}.",
            hint="Add rows of these classes, or choose another target.",
        )
    kept = frame.filter(~frame.get_column(target).is_in(rare.get_column(target).implode()))
    return kept, named
