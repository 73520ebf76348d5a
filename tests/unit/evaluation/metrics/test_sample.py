from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.evaluation.metrics.sample import classification_sample, encode_labels, regression_sample
from millwright.models.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable


def test_sample_is_binary_with_the_second_class_positive_when_two_classes_are_given():
    sample = classification_sample(["late", "ok"], ["ok", "ok"], [0.2, 0.9], classes=("late", "ok"))

    assert sample.task is Task.BINARY
    assert sample.y_true.tolist() == [0, 1]
    assert sample.scores is not None
    np.testing.assert_allclose(sample.scores, [[0.8, 0.2], [0.1, 0.9]])


@pytest.mark.parametrize("labels", [[0, 0], [1, 1], [True, True], [0.0, 1.0]])
def test_sample_knows_both_classes_when_labels_are_zeros_and_ones_of_which_only_one_occurs(labels: list[Any]):
    assert classification_sample(labels, labels).classes == (0, 1)


def test_sample_takes_classes_from_score_columns_when_codes_do_not_all_occur():
    scores = np.full((2, 4), 0.25)

    assert classification_sample([0, 2], [2, 0], scores).classes == (0, 1, 2, 3)


def test_sample_takes_polars_series_and_numpy_arrays_of_labels():
    sample = classification_sample(pl.Series(["a", "b", "c"]), np.array(["a", "c", "c"]))

    assert sample.classes == ("a", "b", "c")
    assert sample.y_pred.tolist() == [0, 2, 2]


def test_sample_refuses_one_unknown_class_alone():
    with pytest.raises(InvalidInputError, match=r"found only 'late'.*Pass classes"):
        classification_sample(["late"], ["late"])


@pytest.mark.parametrize("make", [lambda: classification_sample([], []), lambda: regression_sample([], [])])
def test_sample_refuses_no_rows(make: Callable[..., Any]):
    with pytest.raises(InvalidInputError, match="at least one row"):
        make()


@pytest.mark.parametrize(
    "make", [lambda: classification_sample([0, 1], [0]), lambda: regression_sample([1.0, 2.0], [1.0])]
)
def test_sample_refuses_unequal_lengths(make: Callable[..., Any]):
    with pytest.raises(InvalidInputError, match="as many predictions as true values, found 1 and 2"):
        make()


@pytest.mark.parametrize("score", [[0.2, 1.2], [0.2, -0.1], [0.2, float("nan")]])
def test_sample_refuses_scores_that_are_no_probabilities(score: list[Any]):
    with pytest.raises(InvalidInputError, match="between 0 and 1"):
        classification_sample([0, 1], [0, 1], score)


def test_sample_refuses_scores_for_another_number_of_rows():
    with pytest.raises(InvalidInputError, match="scores for 2 rows"):
        classification_sample([0, 1], [0, 1], [0.5])


def test_sample_refuses_score_columns_that_do_not_fit_the_classes():
    with pytest.raises(InvalidInputError, match=r"3 classes .*found 2 columns"):
        classification_sample(["a", "b"], ["a", "b"], [[0.5, 0.5], [0.5, 0.5]], classes=("a", "b", "c"))


def test_sample_refuses_missing_labels():
    with pytest.raises(InvalidInputError, match="label in every row"):
        classification_sample([0, None], [0, 1])


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), None])
def test_sample_refuses_missing_and_infinite_values(bad: float | None):
    with pytest.raises(InvalidInputError, match="finite true values, found 1 of 2"):
        regression_sample([1.0, bad], [1.0, 2.0])


def test_encode_labels_names_what_it_does_not_know():
    with pytest.raises(InvalidInputError, match=r"'a', 'b', found 'c' in 2 of 3 rows"):
        encode_labels(["a", "c", "c"], ("a", "b"))


def test_where_keeps_rows_and_classes():
    sample = classification_sample([0, 1, 1], [0, 0, 1], [0.1, 0.4, 0.8])

    part = sample.where(np.array([False, True, True]))

    assert part.rows == 2
    assert part.classes == (0, 1)
    assert part.scores is not None
    np.testing.assert_allclose(part.scores[:, 1], [0.4, 0.8])


def test_ranking_puts_equal_scores_in_one_group():
    ranking = classification_sample([0, 1, 1, 0], [0, 1, 1, 0], [0.3, 0.9, 0.3, 0.1]).ranking(1)

    assert ranking.order.tolist() == [1, 0, 2, 3]
    assert ranking.starts.tolist() == [0, 1, 3]


def test_ranking_needs_scores():
    with pytest.raises(ValueError, match="needs scores"):
        classification_sample([0, 1], [0, 1]).ranking(1)


def test_cells_sort_the_rows_by_true_and_predicted_class():
    cells = classification_sample([1, 0, 1], [1, 1, 0]).cells()

    assert cells.present.tolist() == [1, 2, 3]
    assert cells.order.tolist() == [1, 2, 0]
