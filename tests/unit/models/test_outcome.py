from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from millwright.models.outcome import Outcome
from millwright.models.signature import Signature
from millwright.models.task import Task

_INPUTS = pl.DataFrame({"x": [1, 2, 3]})


def _outcome(values: list[object], task: Task) -> Outcome:
    return Outcome(Signature.infer(_INPUTS, pl.Series("y", values), task))


def test_outcome_of_two_classes_is_positive_only_above_one_half() -> None:
    outcome = _outcome(["no", "yes", "no"], Task.BINARY)
    values = np.array([[0.4, 0.6], [0.5, 0.5], [0.9, 0.1]])

    assert outcome.rows(values) == [
        {"prediction": "yes", "probability": 0.6},
        {"prediction": "no", "probability": 0.5},
        {"prediction": "no", "probability": 0.1},
    ]


def test_outcome_of_several_classes_is_the_most_probable_and_first_of_equals() -> None:
    outcome = _outcome([10, 20, 30], Task.MULTICLASS)
    rows = outcome.rows(np.array([[0.2, 0.4, 0.4]]))

    assert rows == [{"prediction": 20, "probability_10": 0.2, "probability_20": 0.4, "probability_30": 0.4}]


@pytest.mark.parametrize(
    ("values", "task", "numbers"),
    [
        ([True, False, True], Task.BINARY, np.array([[0.25, 0.75], [0.5, 0.5]])),
        (["a", "b", "c"], Task.MULTICLASS, np.array([[0.25, 0.5, 0.25]])),
        ([1.5, 2.5, 3.5], Task.REGRESSION, np.array([1.25, 2.5])),
    ],
)
def test_outcome_is_the_same_as_rows_and_as_a_table(
    values: list[object], task: Task, numbers: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
) -> None:
    outcome = _outcome(values, task)

    assert outcome.frame(numbers).to_dicts() == outcome.rows(numbers)


def test_outcome_of_nothing_is_a_table_without_rows_and_with_all_columns() -> None:
    table = _outcome([True, False, True], Task.BINARY).frame(np.empty((0, 2)))

    assert table.schema == {"prediction": pl.Boolean, "probability": pl.Float64}


def test_outcome_has_no_probability_that_rounding_put_outside_zero_to_one() -> None:
    values = np.array([[-1.19e-7, 1.0000001192092896], [1.0000001192092896, -1.19e-7], [-0.2, 1.2]])
    outcome = _outcome(["no", "yes", "no"], Task.BINARY)

    # What no rounding explains stays to be seen.
    assert outcome.frame(values)["probability"].to_list() == [1.0, 0.0, 1.2]
    assert outcome.rows(values) == [outcome.row(numbers) for numbers in values.tolist()]
    assert outcome.rows(values) == outcome.frame(values).to_dicts()


def test_outcome_of_several_classes_has_no_probability_beyond_one_by_rounding() -> None:
    outcome = _outcome(["a", "b", "c"], Task.MULTICLASS)
    numbers = [0.0, 1.0000001192092896, -1e-8]
    expected = {"prediction": "b", "probability_a": 0.0, "probability_b": 1.0, "probability_c": 0.0}

    assert outcome.rows(np.array([numbers])) == [expected]
    assert outcome.row(numbers) == expected
    assert outcome.frame(np.array([numbers])).to_dicts() == [expected]
