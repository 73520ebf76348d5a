from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from millwright.monitoring.repeated_row import first_equals
from millwright.monitoring.second_model import FOLDS, SecondModel, iter_held_out, predict_held_out


def drawn(rows: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(1)
    matrix = np.column_stack([generator.normal(size=rows), generator.integers(0, 4, rows)])
    return matrix, 3 * matrix[:, 0] + np.array([0.0, 5.0, -5.0, 1.0])[matrix[:, 1].astype(int)]


def test_number_is_learned_from_numbers_and_codes():
    matrix, target = drawn(2_000)
    model = SecondModel(matrix[:1500], target[:1500], [1], is_class=False)
    assert np.abs(model.predict(matrix[1500:]) - target[1500:]).mean() < 0.5


def test_probability_is_learned_when_the_target_is_a_class():
    matrix, target = drawn(2_000)
    told = SecondModel(matrix, (target > 0).astype(float), [1], is_class=True).predict(matrix)
    assert ((told > 0.5) == (target > 0)).mean() > 0.97


def test_no_row_is_told_by_a_model_that_was_fitted_to_it():
    noise = np.random.default_rng(2).normal(size=1_000)
    matrix = np.random.default_rng(3).normal(size=(1_000, 3))
    told = predict_held_out(matrix, noise, [], is_class=False)
    assert abs(np.corrcoef(told, noise)[0, 1]) < 0.1  # fitted to themselves, rows would give their noise away
    assert np.corrcoef(SecondModel(matrix, noise, [], is_class=False).predict(matrix), noise)[0, 1] > 0.4
    assert told == pytest.approx(predict_held_out(matrix, noise, [], is_class=False))


def test_rows_that_belong_together_lie_in_one_fold():
    matrix, target = drawn(300)
    firsts = np.concatenate([np.arange(200), np.arange(100)])
    folds = [rows for rows, _ in iter_held_out(matrix, target, [1], is_class=False, firsts=firsts)]
    assert np.sort(np.concatenate(folds)).tolist() == list(range(300))
    assert sum(np.unique(firsts[rows]).size for rows in folds) == 200
    each = [rows for rows, _ in iter_held_out(matrix, target, [1], is_class=False, firsts=np.arange(300))]
    alone = [rows for rows, _ in iter_held_out(matrix, target, [1], is_class=False)]
    assert [rows.tolist() for rows in each] == [rows.tolist() for rows in alone]


def test_folds_without_rows_or_of_all_are_left_out():
    matrix, target = drawn(60)
    few = list(iter_held_out(matrix, target, [1], is_class=False, firsts=np.arange(60) % 2))
    assert len(few) <= 2 < FOLDS
    assert not list(iter_held_out(matrix, target, [1], is_class=False, firsts=np.zeros(60, dtype=np.int64)))


@pytest.mark.parametrize("signal", [0.0, 1.0])
def test_table_of_which_each_row_stands_twice_is_told_as_well_as_its_distinct_rows(signal: float):
    generator = np.random.default_rng(5)
    matrix = generator.normal(size=(2_000, 5))
    target = (signal * matrix[:, 0] + generator.normal(size=2_000) > 0).astype(float)
    order = generator.permutation(4_000)
    twice, targets = np.concatenate([matrix, matrix])[order], np.concatenate([target, target])[order]

    def area(matrix: np.ndarray, target: np.ndarray, firsts: np.ndarray | None) -> float:
        told = predict_held_out(matrix, target, [], is_class=True, firsts=firsts)
        return float(roc_auc_score(target, told))

    honest = area(matrix, target, None)
    assert area(twice, targets, first_equals(twice)) == pytest.approx(honest, abs=0.03)
    assert area(twice, targets, None) > honest + 0.05  # models that know the copies


def test_the_mean_is_told_of_rows_that_all_belong_together():
    matrix, target = drawn(60)
    told = predict_held_out(matrix, target, [1], is_class=False, firsts=np.zeros(60, dtype=np.int64))
    assert told == pytest.approx(np.full(60, target.mean()))
