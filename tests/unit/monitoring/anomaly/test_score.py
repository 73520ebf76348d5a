from __future__ import annotations

import sys

import numpy as np
import pytest
from sklearn.ensemble import IsolationForest as Forest

from millwright.monitoring.anomaly.score import IsolationForest, JointScore, TailScore

KNOWN = np.random.default_rng(0).normal(0, 1, (600, 3))


def test_forest_without_categories_or_missing_values_is_scikit_learns():
    rows = np.random.default_rng(1).normal(0, 2, (50, 3))
    theirs = Forest(n_estimators=100, max_samples=256, random_state=20_261_122).fit(KNOWN)
    assert IsolationForest(KNOWN, []).score(rows) == pytest.approx(-theirs.score_samples(rows))


def test_tails_of_a_value_are_its_share_of_the_reference():
    known = np.arange(1.0, 100.0)[:, None]  # 1 to 99
    found = TailScore(known, []).parts(np.array([[1.0], [50.0], [99.0], [1_000.0]]))[:, 0]
    assert found[:3] == pytest.approx(-np.log([2 / 100, 51 / 100, 2 / 100]))


def test_tails_of_a_category_are_how_rare_it_is():
    known = np.array([2.0] * 90 + [3.0] * 9)[:, None]
    found = TailScore(known, [0]).parts(np.array([[2.0], [3.0], [1.0], [9.0]]))[:, 0]
    assert found == pytest.approx(-np.log([91 / 100, 10 / 100, 1 / 100, 1 / 100]))


@pytest.mark.parametrize("kind", [IsolationForest, TailScore])
def test_missing_value_is_odd_where_none_was_missing_and_usual_where_half_were(kind: type):
    known = KNOWN.copy()
    known[::2, 1] = np.nan
    rows = np.zeros((3, 3))
    rows[1, 1] = np.nan
    rows[2, 0] = 30.0
    usual, absent, far = kind(known, []).score(rows)
    assert far > absent
    assert absent == pytest.approx(usual, rel=0.35, abs=0.8)


@pytest.mark.parametrize("kind", [IsolationForest, TailScore])
def test_new_category_is_odder_than_a_frequent_one(kind: type):
    known = np.column_stack([KNOWN[:, 0], np.where(np.arange(600) % 20, 2.0, 3.0)])
    frequent, rare, new = kind(known, [1]).score(np.array([[0.0, 2.0], [0.0, 3.0], [0.0, 1.0]]))
    assert frequent < rare <= new


def test_forest_sees_a_combination_that_the_tails_do_not():
    one = np.random.default_rng(2).normal(0, 1, 2_000)
    known = np.column_stack([one, one + np.random.default_rng(3).normal(0, 0.05, 2_000)])
    rows = np.array([[1.2, 1.2], [1.2, -1.2]])
    (usual, odd), tails = IsolationForest(known, []).score(rows), TailScore(known, []).score(rows)
    assert odd > usual + 0.05
    assert tails[1] == pytest.approx(tails[0], abs=0.4)


def test_rows_above_one_are_at_most_the_expected_share_of_those_that_set_the_limit(monkeypatch: pytest.MonkeyPatch):
    held_out = np.random.default_rng(4).normal(0, 1, (1_000, 3))
    both = JointScore(KNOWN, held_out, [], expected=0.02)
    assert both.name == "isolation forest and tails"
    assert 0.005 < (both.score(held_out) > 1).mean() <= 0.02
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    tails = JointScore(KNOWN, held_out, [], expected=0.02)
    assert tails.name == "tails"
    assert 0.005 < (tails.score(held_out) > 1).mean() <= 0.02


def test_tails_go_on_beyond_the_outermost_value():
    known = np.arange(1.0, 100.0)[:, None]
    near, far = TailScore(known, []).score(np.array([[100.0], [1_000.0]]))
    assert far - near == pytest.approx(900 / (49 / 1.349))


def test_rows_that_are_all_the_same_make_others_odd():
    score = JointScore(np.ones((500, 2)), np.ones((500, 2)), [], expected=0.01)
    usual, other = score.score(np.array([[1.0, 1.0], [1.0, 50.0]]))
    assert usual <= 1 < other
