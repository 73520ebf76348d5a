from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from millwright.data.contracts.distance import kolmogorov_smirnov, population_stability

VALUES = st.lists(st.integers(-5, 5) | st.floats(-10, 10), min_size=1, max_size=40)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # SciPy's p value, which nobody looks at
@given(VALUES, VALUES)
def test_kolmogorov_smirnov_is_that_of_scipy(before: list[float], now: list[float]) -> None:
    found = kolmogorov_smirnov(pl.Series(before, dtype=pl.Float64), pl.Series(now, dtype=pl.Float64))
    assert found == pytest.approx(ks_2samp(before, now, method="asymp").statistic, abs=1e-12)


@given(VALUES, VALUES)
def test_stability_of_numbers_is_the_sum_over_the_deciles_of_the_reference(
    before: list[float], now: list[float]
) -> None:
    edges = np.unique(np.quantile(before, np.arange(1, 10) / 10))
    cells = [np.bincount(np.searchsorted(edges, values), minlength=len(edges) + 1) for values in (before, now)]
    middle = (cells[0] / len(before) + cells[1] / len(now)) / 2
    p, q = ((cell + middle) / (cell.sum() + 1) for cell in cells)
    used = middle > 0
    expected = float(((p - q)[used] * np.log((p / np.where(q > 0, q, 1))[used])).sum())
    found = population_stability(pl.Series(before, dtype=pl.Float64), pl.Series(now, dtype=pl.Float64))
    assert found == pytest.approx(expected, abs=1e-9)


def test_stability_of_words_counts_each_by_itself() -> None:
    before, now = pl.Series(["a"] * 500 + ["b"] * 500), pl.Series(["a"] * 700 + ["b"] * 300)
    # Σ (p - q) ln(p / q) = 2 · 0.2 · ... for shares 0.5/0.5 and 0.7/0.3, one pseudo row aside
    expected = (0.5 - 0.7) * math.log(0.5 / 0.7) + (0.5 - 0.3) * math.log(0.5 / 0.3)
    assert population_stability(before, now) == pytest.approx(expected, abs=1e-3)
    assert population_stability(before, before.shuffle(seed=1)) == 0
    assert 0 < population_stability(before, pl.Series(["c"])) < 10


def test_stability_of_dates_and_booleans_is_measured_too() -> None:
    days = pl.date_range(pl.date(2026, 1, 1), pl.date(2026, 4, 10), eager=True)
    assert population_stability(days, days) == 0
    assert population_stability(days, days.tail(10)) > 1
    assert population_stability(pl.Series([True, False]), pl.Series([False, True])) == 0


@pytest.mark.parametrize("distance", [kolmogorov_smirnov, population_stability])
def test_without_values_there_is_no_distance(distance) -> None:
    assert math.isnan(distance(pl.Series([None], dtype=pl.Float64), pl.Series([1.0])))
    assert math.isnan(distance(pl.Series([1.0]), pl.Series([], dtype=pl.Float64)))
