from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp, wasserstein_distance

from millwright.monitoring.statistics.refined_pair import RefinedPair
from millwright.monitoring.statistics.sorted_pair import SortedPair

KINDS = {
    "bell": lambda generator, rows: generator.normal(0, 1, rows),
    "far from zero": lambda generator, rows: generator.normal(1.7e9, 50, rows),
    "long tail": lambda generator, rows: generator.pareto(0.7, rows),
    "whole": lambda generator, rows: generator.poisson(20, rows).astype(float),
    "rounded": lambda generator, rows: generator.normal(0, 1, rows).round(2),
    "mostly zero": lambda generator, rows: generator.exponential(1, rows) * (generator.random(rows) < 0.3),
    "signed zeros": lambda generator, rows: generator.choice([0.0, -0.0, 1.0, -1.0], rows),
    "two far heaps": lambda generator, rows: generator.normal(0, 1e-9, rows) + 1e9 * (generator.random(rows) < 0.5),
}


def check(a: np.ndarray, b: np.ndarray, *, refined: bool = True) -> None:
    ranks = sorted({rank * a.size // 10 for rank in range(1, 10)})
    found, expected = RefinedPair.of(a, b, ranks), SortedPair(a, b)
    if found is None:
        assert not refined
        return
    assert found.largest_gap == pytest.approx(expected.largest_gap, abs=1e-12)
    assert found.area == pytest.approx(expected.area, rel=1e-9, abs=1e-12 * float(a.std()))
    for rank in ranks:
        value = expected.ranked(rank)
        assert found.ranked(rank) == value
        for closed in (False, True):
            assert found.rows_below(value, closed=closed) == expected.rows_below(value, closed=closed)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("rows", "shift"), [((40_000, 40_000), 0.0), ((50_000, 31_007), 0.05), ((30_000, 80_000), 3.0)]
)
def test_refined_pair_tells_what_the_sorted_one_does(kind: str, rows: tuple[int, int], shift: float):
    generator = np.random.default_rng(1)
    a, b = (KINDS[kind](generator, size) for size in rows)
    moved = b + shift * (np.quantile(a, 0.75) - np.quantile(a, 0.25))
    check(a, moved, refined=kind in {"bell", "far from zero", "long tail", "whole"})


@given(
    st.lists(st.one_of(st.floats(-1e9, 1e9), st.integers(-3, 3).map(float)), min_size=1, max_size=60),
    st.lists(st.one_of(st.floats(-1e9, 1e9), st.integers(-3, 3).map(float)), min_size=1, max_size=60),
)
@settings(deadline=None)
def test_refined_pair_tells_what_the_sorted_one_does_of_any_few_values(a: list, b: list):
    check(np.array(a), np.array(b), refined=False)


def test_refined_pair_equals_scipy():
    generator = np.random.default_rng(2)
    a, b = generator.lognormal(0, 1, 150_000), generator.lognormal(0.01, 1, 120_001)
    found = RefinedPair.of(a, b, [])
    assert found is not None
    assert found.largest_gap == pytest.approx(ks_2samp(a, b, method="asymp").statistic, abs=1e-12)
    assert found.area == pytest.approx(wasserstein_distance(a, b), rel=1e-9)


def test_refined_pair_changes_no_sample():
    generator = np.random.default_rng(3)
    a, b = generator.normal(size=5000), generator.normal(size=5000)
    before = a.copy(), b.copy()
    a.flags.writeable = b.flags.writeable = False
    RefinedPair.of(a, b, [500])
    assert (a == before[0]).all()
    assert (b == before[1]).all()


def test_refined_pair_is_none_when_all_values_would_have_to_be_in_order():
    a = np.random.default_rng(4).normal(size=20_000)
    assert RefinedPair.of(a, a, []) is None


def test_refined_pair_is_none_when_distances_might_be_infinite():
    assert RefinedPair.of(np.array([-1.7e308, 1.7e308]), np.array([1.0]), []) is None
