from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp, wasserstein_distance

from millwright.monitoring.statistics.ordered import area_between, deviation, largest_gap

sizes = st.integers(1, 6000)


def samples(seed: int, n: int, m: int, levels: int, shift: float) -> tuple[np.ndarray, np.ndarray]:
    """In order, with ties: of a few levels only, or hardly any."""
    generator = np.random.default_rng(seed)
    a, b = generator.normal(0, 1, n), generator.normal(shift, 1, m)
    return np.sort((a * levels).round()), np.sort((b * levels).round())


ours = st.builds(
    samples, st.integers(0, 99), sizes, sizes, st.sampled_from([1, 3, 1000, 10**9]), st.sampled_from([0, 0.01, 2.0])
)


@given(ours)
def test_largest_gap_equals_that_at_every_value(pair: tuple[np.ndarray, np.ndarray]):
    a, b = pair
    both = np.concatenate([a, b])
    gaps = np.searchsorted(a, both, side="right") / a.size - np.searchsorted(b, both, side="right") / b.size
    assert largest_gap(a, b) == pytest.approx(np.abs(gaps).max(), abs=1e-12)


@given(ours)
def test_area_equals_scipys_wasserstein_distance(pair: tuple[np.ndarray, np.ndarray]):
    assert area_between(*pair) == pytest.approx(wasserstein_distance(*pair), rel=1e-9, abs=1e-12)


def test_distances_are_zero_when_the_samples_are_the_same():
    a = np.sort(np.random.default_rng(3).normal(size=200_000))
    assert largest_gap(a, a) == 0.0
    assert area_between(a, a) == 0.0


@pytest.mark.parametrize(("n", "m"), [(200_000, 130_001), (70_000, 70_000), (3, 100_000)])
def test_distances_equal_scipys_over_many_blocks(n: int, m: int):
    generator = np.random.default_rng(4)
    a, b = np.sort(generator.normal(size=n)), np.sort(generator.normal(0.01, 1.1, size=m))
    assert largest_gap(a, b) == pytest.approx(ks_2samp(a, b, method="asymp").statistic, abs=1e-12)
    assert area_between(a, b) == pytest.approx(wasserstein_distance(a, b), rel=1e-9)


def test_deviation_is_that_of_the_population():
    values = np.random.default_rng(5).lognormal(3, 2, 100_000)
    assert deviation(values) == pytest.approx(values.std(), rel=1e-12)
    assert deviation(np.array([2.0, 2.0])) == 0.0
