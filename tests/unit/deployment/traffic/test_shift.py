from __future__ import annotations

import numpy as np
import pytest

from millwright.deployment.traffic.shift import measure_shift, population_stability_index
from millwright.deployment.traffic.tally import Tally, merge


def numbers(values) -> Tally:
    tally = Tally()
    tally.add_outputs([{"prediction": float(value)} for value in values])
    return tally


def classes(**counts: int) -> Tally:
    return Tally(classes=counts)


def test_shift_of_one_distribution_is_nearly_never_significant():
    rng = np.random.default_rng(0)
    found = [measure_shift(numbers(rng.normal(size=1_800)), numbers(rng.normal(size=200))) for _ in range(60)]
    assert sum(each.p_value < 0.05 for each in found) <= 6
    assert np.mean([each.psi for each in found]) < 0.03


def test_shifted_numbers_are_found():
    rng = np.random.default_rng(0)
    found = measure_shift(numbers(rng.beta(2, 5, 900)), numbers(rng.beta(5, 2, 200)))
    assert found.psi > 1
    assert found.p_value < 1e-9
    assert found.rows == 200


def test_numbers_of_many_processes_give_the_same_answer():
    rng = np.random.default_rng(0)
    parts = [rng.normal(size=500) for _ in range(8)]
    other = numbers(rng.normal(1.0, size=400))
    whole = measure_shift(numbers(np.concatenate(parts)), other)
    merged = measure_shift(merge([numbers(part) for part in parts]), other)
    assert merged.psi == pytest.approx(whole.psi, rel=0.1)
    assert max(whole.p_value, merged.p_value) < 1e-9


def test_equal_answers_are_no_shift():
    assert measure_shift(numbers([0.5] * 300), numbers([0.5] * 200)).psi < 0.01
    assert measure_shift(numbers([0.5] * 300), numbers([0.5] * 200)).p_value == 1.0


def test_constant_answers_that_differ_are_a_shift():
    found = measure_shift(numbers([0.5] * 300), numbers([0.75] * 200))
    assert found.psi > 1
    assert found.p_value < 1e-9


def test_classes_are_compared_by_their_shares():
    same = measure_shift(classes(late=500, early=400), classes(late=52, early=48))
    assert (same.psi < 0.05, same.p_value > 0.2, same.rows) == (True, True, 100)
    other = measure_shift(classes(late=500, early=400), classes(late=10, early=90))
    assert other.psi > 0.25
    assert other.p_value < 1e-6


def test_new_class_is_a_shift():
    found = measure_shift(classes(late=500), classes(late=150, lost=50))
    assert found.psi > 0.25
    assert found.p_value < 1e-6


def test_nothing_is_told_before_both_have_predicted():
    assert measure_shift(Tally(), numbers([1.0])).p_value == 1.0
    assert measure_shift(numbers([1.0]), classes(late=3)).psi == 0.0


def test_index_of_equal_shares_is_zero_and_never_below():
    assert population_stability_index([10, 20, 30], [100, 200, 300]) == 0.0
    assert population_stability_index([100, 0], [0, 100]) > 5
