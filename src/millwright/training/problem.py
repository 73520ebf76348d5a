"""A training table as arrays: what estimators are fitted on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from millwright.models.encoder import Encoder
from millwright.models.task import Task
from millwright.training.candidate.candidate import Setting
from millwright.training.sampling import choose_rows

if TYPE_CHECKING:
    from millwright.models.signature import Signature
    from millwright.training.table import TrainingTable

    Rows = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """What is learned, as arrays.

    Attributes:
        matrix: Encoded rows, float32, shape (n, columns).
        goal: Class codes (int64) or numbers (float64), shape (n,).
        groups: Group codes, shape (n,), or None.
        classes: How many classes; 0 for regression.
        setting: What candidates build with.
    """

    task: Task
    matrix: NDArray[np.float32]
    goal: NDArray[Any]
    groups: NDArray[Any] | None
    classes: int
    setting: Setting

    def all_rows(self) -> Rows:
        """The numbers of all rows."""
        return np.arange(len(self.goal))

    def capped(self, rows: Rows, limit: int | None) -> Rows:
        """The rows, or a sample of them with the classes' shares when there are more than the limit."""
        if limit is None or len(rows) <= limit:
            return rows
        classes = self.goal[rows] if self.classes else None
        return rows[choose_rows(limit, seed=self.setting.seed, classes=classes, total=len(rows))]


class ProblemSource:
    """Makes problems of more or fewer of a table's rows; the encoder is fitted once, on all of them.

    Args:
        table: The training table.
        seed: Of the choice of rows and of the estimators.
    """

    def __init__(self, table: TrainingTable, *, seed: int) -> None:
        self._table = table
        self._seed = seed
        self._goal = encode_goal(table.target, table.signature)
        self._groups = None if table.groups is None else _codes(table.groups)
        self.encoder = Encoder.fit(table.inputs, table.signature)

    def problem(self, max_rows: int, *, whole_groups: bool) -> Problem:
        """At most so many rows, chosen as `sampling.choose_rows` says.

        Args:
            max_rows: Most rows.
            whole_groups: Take whole groups when the table has groups.
        """
        signature, goal = self._table.signature, self._goal
        rows = choose_rows(
            max_rows,
            seed=self._seed,
            classes=goal if signature.task.is_classification else None,
            groups=self._groups if whole_groups else None,
            total=len(goal),
        )
        chosen = goal[rows]
        return Problem(
            task=signature.task,
            matrix=self.encoder.encode(self._table.inputs[rows], signature),
            goal=chosen,
            groups=None if self._groups is None else self._groups[rows],
            classes=len(signature.classes),
            setting=Setting(
                numbers=self.encoder.number_indexes,
                categories=self.encoder.category_indexes,
                seed=self._seed,
                target_scale=1.0 if signature.task.is_classification else float(np.std(goal)) or 1.0,
            ),
        )


def encode_goal(target: pl.Series, signature: Signature) -> NDArray[Any]:
    """A target as class codes in the signature's order (int64), or as numbers (float64); shape (n,).

    Args:
        target: Values without nulls; classes are all among the signature's.
        signature: Inferred from the same target.
    """
    if not signature.classes:
        return target.cast(pl.Float64).to_numpy()
    if not (target.dtype == pl.Boolean or target.dtype.is_numeric()):
        target = target.cast(pl.String)
    codes = {label: code for code, label in enumerate(signature.classes)}
    return np.fromiter((codes[value] for value in target.to_list()), dtype=np.int64, count=len(target))


def _codes(groups: pl.Series) -> NDArray[Any]:
    """Group codes; each null is a group of its own."""
    codes = groups.rank("dense").cast(pl.Int64)
    alone = pl.Series(-1 - np.arange(len(groups)))
    return codes.fill_null(alone).to_numpy()
