"""Decides what a target asks for: two classes, several, or a number."""

from __future__ import annotations

import polars as pl

from millwright.core.errors import InvalidInputError, closest
from millwright.models.task import Task

MAX_CLASSES = 100
_MAX_INTEGER_CLASSES = 20
_MIN_ROWS_PER_INTEGER_CLASS = 5
REQUESTS = ("auto", "classification", "regression", *(task.value for task in Task if task is not Task.TENSOR))


def infer_task(target: pl.Series, requested: str = "auto") -> Task:
    """The task of a target column.

    With `auto`: booleans and text are classes. Integers are classes when there are at most 20 different ones, each
    five times on average, and numbers otherwise. Floats are classes only when they are 0 and 1; numbers otherwise.
    With two distinct values a classification is binary, with more it is multi-class.

    Args:
        target: The target; nulls and NaN don't count.
        requested: `auto`, `classification`, `regression`, or a task's own name.

    Raises:
        InvalidInputError: The request is unknown, the target is empty or constant, or it cannot be what is asked (text
            is no number, more than 100 classes, dates).

    Example:
        >>> infer_task(pl.Series("late", [True, False, True])).value
        'binary'
        >>> infer_task(pl.Series("days", [1.5, 20.0, 3.25])).value
        'regression'
    """
    if requested not in REQUESTS:
        raise InvalidInputError(
            f"Expected a task of {', '.join(REQUESTS)}; found '{requested}'.", hint=closest(requested, REQUESTS)
        )
    values = target.drop_nulls()
    if values.dtype.is_float():
        values = values.filter(values.is_not_nan())
    distinct = values.n_unique()
    if distinct < 2:
        found_values = f"is constant: every row holds {values[0]!r}" if distinct else "is empty: no row holds a value"
        raise InvalidInputError(
            f"The target '{target.name}' {found_values}.",
            hint="Choose a target with at least two different values, or more rows.",
        )
    is_number = values.dtype.is_numeric()
    if not (is_number or values.dtype in (pl.Boolean, pl.String, pl.Categorical, pl.Enum)):
        raise InvalidInputError(
            f"Expected a target of numbers, booleans or text, found '{target.name}' of type {values.dtype}.",
            hint="Turn it into a number (days, for instance) or into classes.",
        )
    if requested in {"regression", Task.REGRESSION} or (
        requested == "auto" and is_number and not _are_classes(values, distinct)
    ):
        if not is_number:
            raise InvalidInputError(
                f"A regression needs a target of numbers, found '{target.name}' of type {values.dtype}.",
                hint="Use --task classification, or choose another target.",
            )
        return Task.REGRESSION
    if distinct > MAX_CLASSES:
        raise InvalidInputError(
            f"Expected at most {MAX_CLASSES} classes, found {distinct:,} distinct values in target '{target.name}'.",
            hint="Group them, or use --task regression if they are quantities.",
        )
    found = Task.BINARY if distinct == 2 else Task.MULTICLASS
    if requested in {Task.BINARY, Task.MULTICLASS} and found is not Task(requested):
        raise InvalidInputError(f"Expected a {requested} target, found {distinct} distinct values in '{target.name}'.")
    return found


def _are_classes(values: pl.Series, distinct: int) -> bool:
    if values.dtype.is_float():
        return distinct == 2 and set(values.unique().to_list()) == {0.0, 1.0}
    return distinct <= _MAX_INTEGER_CLASSES and (distinct == 2 or distinct * _MIN_ROWS_PER_INTEGER_CLASS <= len(values))
