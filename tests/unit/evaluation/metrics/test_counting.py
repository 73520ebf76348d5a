from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn import metrics as reference

from millwright.evaluation.metrics import counting
from millwright.evaluation.metrics.draws import Draws
from millwright.evaluation.metrics.sample import classification_sample


def draws_of(truth: Any, said: Any, **options: Any) -> Draws:
    return Draws(classification_sample(truth, said, **options))


@pytest.mark.parametrize("k", [2, 3, 7])
@pytest.mark.parametrize("seed", range(3))
def test_counting_metrics_equal_scikit_learn(k: int, seed: int):
    rng = np.random.default_rng(seed)
    truth, said = rng.integers(0, k, 90), rng.integers(0, k, 90)
    draws = draws_of(truth, said, classes=range(k))
    average = "binary" if k == 2 else "macro"

    assert counting.accuracy(draws)[0] == pytest.approx(reference.accuracy_score(truth, said))
    assert counting.balanced_accuracy(draws)[0] == pytest.approx(reference.balanced_accuracy_score(truth, said))
    for ours, theirs in (
        (counting.precision, reference.precision_score),
        (counting.recall, reference.recall_score),
        (counting.f1, reference.f1_score),
    ):
        assert ours(draws)[0] == pytest.approx(theirs(truth, said, average=average))


def test_macro_means_leave_out_classes_that_do_not_occur_at_all_as_scikit_learn_does():
    truth, said = [0, 1, 1, 3, 0], [0, 1, 3, 3, 3]
    draws = draws_of(truth, said, classes=range(6))

    assert counting.f1(draws)[0] == pytest.approx(reference.f1_score(truth, said, average="macro"))
    assert counting.recall(draws)[0] == pytest.approx(reference.recall_score(truth, said, average="macro"))


def test_macro_means_count_a_class_that_is_only_predicted_as_zero():
    truth, said = [0, 0, 1, 1], [0, 2, 1, 2]
    draws = draws_of(truth, said, classes=range(3))

    expected = reference.recall_score(truth, said, average="macro", zero_division=0)
    assert counting.recall(draws)[0] == pytest.approx(expected)


def test_precision_is_zero_when_nothing_is_predicted_positive():
    draws = draws_of([0, 1, 1], [0, 0, 0])

    assert counting.precision(draws)[0] == 0.0
    assert counting.f1(draws)[0] == 0.0


def test_positive_class_metrics_are_undefined_when_no_row_is_positive():
    draws = draws_of([0, 0, 0], [0, 1, 0])

    assert counting.accuracy(draws)[0] == pytest.approx(2 / 3)
    for metric in (counting.precision, counting.recall, counting.f1, counting.balanced_accuracy):
        assert np.isnan(metric(draws)[0])


def test_positive_class_metrics_equal_scikit_learn_when_all_rows_are_positive():
    truth, said = [1, 1, 1, 1], [1, 0, 1, 1]
    draws = draws_of(truth, said)

    assert counting.precision(draws)[0] == reference.precision_score(truth, said)
    assert counting.recall(draws)[0] == reference.recall_score(truth, said)
    assert counting.f1(draws)[0] == pytest.approx(reference.f1_score(truth, said))


def test_class_values_are_zero_for_a_class_that_neither_occurs_nor_is_predicted():
    confusion = draws_of([0, 1], [0, 1], classes=range(3)).confusion

    assert counting.class_f1(confusion)[0].tolist() == [1.0, 1.0, 0.0]
    assert counting.class_precision(confusion)[0].tolist() == [1.0, 1.0, 0.0]
    assert counting.class_recall(confusion)[0].tolist() == [1.0, 1.0, 0.0]
