from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from millwright.deployment.traffic.significance import (
    binomial_greater,
    difference_upper,
    fisher_greater,
    kolmogorov,
    normal_greater,
    wilson,
)


@pytest.mark.parametrize(
    ("hits", "trials", "other_hits", "other_trials"),
    [(0, 10, 0, 10), (5, 10, 1, 90), (60, 200, 3, 1800), (3, 200, 25, 1800), (10, 10, 0, 5), (400, 5000, 300, 5000)],
)
def test_fishers_test_gives_what_scipy_gives(hits, trials, other_hits, other_trials):
    table = [[hits, trials - hits], [other_hits, other_trials - other_hits]]
    expected = stats.fisher_exact(table, alternative="greater").pvalue
    assert fisher_greater(hits, trials, other_hits, other_trials) == pytest.approx(expected, rel=1e-8, abs=1e-300)


@pytest.mark.parametrize(("hits", "trials", "share"), [(0, 5, 0.05), (1, 5, 0.05), (30, 200, 0.05), (4, 200, 0.05)])
def test_binomial_tail_is_that_of_scipy(hits, trials, share):
    assert binomial_greater(hits, trials, share) == pytest.approx(stats.binom.sf(hits - 1, trials, share), rel=1e-9)


@pytest.mark.parametrize("score", [-3.0, 0.0, 1.645, 8.0])
def test_normal_tail_is_that_of_scipy(score):
    assert normal_greater(score) == pytest.approx(stats.norm.sf(score))


@pytest.mark.parametrize(("rows", "other_rows", "shift"), [(200, 200, 0.0), (300, 2000, 0.2), (1000, 1000, 0.15)])
def test_kolmogorov_smirnov_is_near_that_of_scipy(rows, other_rows, shift):
    rng = np.random.default_rng(3)
    first, second = rng.normal(size=rows), rng.normal(shift, size=other_rows)
    expected = stats.ks_2samp(first, second)
    assert kolmogorov(expected.statistic, rows, other_rows) == pytest.approx(expected.pvalue, rel=0.15, abs=0.01)


def test_samples_without_a_distance_are_of_one_distribution():
    assert kolmogorov(0.0, 100, 100) == 1.0


@pytest.mark.parametrize(("hits", "trials"), [(0, 50), (3, 50), (50, 50)])
def test_wilsons_interval_is_that_of_scipy(hits, trials):
    expected = stats.binomtest(hits, trials).proportion_ci(confidence_level=0.9, method="wilson")
    assert wilson(hits, trials, stats.norm.ppf(0.95)) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_nothing_is_known_of_a_share_without_trials():
    assert wilson(0, 0, 1.645) == (0.0, 1.0)
    assert difference_upper(0, 0, 1, 10, 1.645) == math.inf


def test_upper_bound_of_a_difference_is_that_of_newcombes_table():
    # Newcombe (1998), table II, method 10: 56/70 - 48/80, 95 %: 0.0524 to 0.3339.
    assert difference_upper(56, 70, 48, 80, 1.959964) == pytest.approx(0.3339, abs=1e-4)
