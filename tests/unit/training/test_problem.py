from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.training.problem import ProblemSource, encode_goal
from millwright.training.table import prepare

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.training.table import TrainingTable


def test_problem_is_the_encoded_table(prepared_table: TrainingTable) -> None:
    source = ProblemSource(prepared_table, seed=0)
    problem = source.problem(1_000, whole_groups=True)

    np.testing.assert_array_equal(
        problem.matrix, source.encoder.encode(prepared_table.inputs, prepared_table.signature)
    )
    assert problem.classes == len(prepared_table.signature.classes)
    assert len(problem.setting.numbers) + len(problem.setting.categories) == problem.matrix.shape[1]


def test_goal_is_class_codes_in_the_signatures_order() -> None:
    target = pl.Series("y", ["b", "a", "c", "a"])
    signature = Signature.infer(pl.DataFrame({"x": [1, 2, 3, 4]}), target, Task.MULTICLASS)

    np.testing.assert_array_equal(encode_goal(target, signature), [1, 0, 2, 0])


def test_problem_takes_whole_groups_when_sampled(make_table: Callable[..., pl.DataFrame]) -> None:
    frame = make_table().with_columns(
        pl.when(pl.int_range(pl.len()) < 5).then(None).otherwise(pl.int_range(pl.len()) % 10).alias("site")
    )
    problem = ProblemSource(prepare(frame, target="y", groups="site"), seed=0).problem(60, whole_groups=True)

    assert problem.groups is not None
    codes, sizes = np.unique(problem.groups, return_counts=True)
    assert len(problem.goal) <= 60
    assert all(sizes[codes < 0] == 1)  # nulls are groups of their own
    assert all(sizes[codes >= 0] >= 14)


def test_rows_are_capped_with_class_shares(make_table: Callable[..., pl.DataFrame]) -> None:
    problem = ProblemSource(prepare(make_table(), target="y"), seed=0).problem(1_000, whole_groups=False)
    rows = problem.capped(problem.all_rows(), 50)

    assert len(rows) <= 50
    assert abs(problem.goal[rows].mean() - problem.goal.mean()) < 0.05
    np.testing.assert_array_equal(problem.capped(problem.all_rows(), None), problem.all_rows())
