"""From a raw training table to what a model learns from: its inputs, target and signature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import InvalidInputError, closest
from millwright.models.signature import Signature
from millwright.training.target import Labelled, label
from millwright.training.triage import DroppedColumn, Kept, triage

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingTable:
    """A table ready to learn from.

    Attributes:
        inputs: The columns that are learned from, n rows.
        target: The target, n rows, no nulls.
        groups: What rows belong together (n values, nulls are a group of their own), or None.
        labelled: What happened to the rows.
        dropped: The columns that are not learned from, and why.
        notes: What the user should know.
    """

    inputs: pl.DataFrame
    target: pl.Series
    groups: pl.Series | None
    signature: Signature
    labelled: Labelled
    dropped: tuple[DroppedColumn, ...]
    notes: tuple[str, ...]


def prepare(
    frame: pl.DataFrame,
    *,
    target: str,
    task: str = "auto",
    groups: str | None = None,
    exclude: Sequence[str] = (),
) -> TrainingTable:
    """Picks rows and columns and infers the signature.

    Args:
        frame: The raw table: any columns, typed; unique names.
        target: The column to predict.
        task: `auto`, `classification`, `regression`, or a task's own name.
        groups: A column whose equal values must not be on both sides of a fold; it is not learned from.
        exclude: Columns not to learn from.

    Raises:
        InvalidInputError: See `target.label`; or a named column is absent, or no column is left to learn from.
    """
    labelled = label(frame, target, task=task)
    rows = labelled.frame
    for name in (*exclude, *([groups] if groups else [])):
        if name not in rows.columns:
            raise InvalidInputError(f"There is no column '{name}' in the table.", hint=closest(name, rows.columns))
    goal = rows.get_column(target)
    kept: list[Kept] = []
    dropped: list[DroppedColumn] = []
    for name in rows.columns:
        if name == target:
            continue
        if name == groups:
            dropped.append(DroppedColumn(name, "groups the rows"))
        elif name in exclude:
            dropped.append(DroppedColumn(name, "excluded"))
        else:
            verdict = triage(rows.get_column(name), goal)
            if isinstance(verdict, Kept):
                kept.append(verdict)
            else:
                dropped.append(verdict)
    if not kept:
        reasons = "; ".join(f"'{column.name}': {column.reason}" for column in dropped[:5]) or "it has no other column"
        raise InvalidInputError(
            f"Nothing to learn '{target}' from is left in the table ({reasons}).",
            hint="Add columns that vary and are known before the target is.",
        )
    inputs = rows.select([pl.col(column.name) for column in kept])
    return TrainingTable(
        inputs=inputs,
        target=goal,
        groups=rows.get_column(groups) if groups else None,
        signature=Signature.infer(inputs, goal, labelled.task, types={column.name: column.type for column in kept}),
        labelled=labelled,
        dropped=tuple(dropped),
        notes=(*labelled.notes, *(f"'{column.name}': {column.note}" for column in kept if column.note)),
    )
