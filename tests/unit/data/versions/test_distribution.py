from __future__ import annotations

import math
from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import cityblock

from millwright.data.versions.distribution import column_shift, psi, total_variation

COUNTS = st.lists(st.integers(0, 1000), min_size=1, max_size=12)


@given(st.data())
def test_psi_is_the_sum_of_both_divergences(data: st.DataObject) -> None:
    before = data.draw(COUNTS)
    after = data.draw(st.lists(st.integers(0, 1000), min_size=len(before), max_size=len(before)))
    if not sum(before) or not sum(after):
        assert psi(before, after) is None
        assert total_variation(before, after) is None
        return
    p, q = ((np.array(each) + 0.5) / (sum(each) + 0.5 * len(each)) for each in (before, after))
    assert psi(before, after) == pytest.approx(stats.entropy(p, q) + stats.entropy(q, p), abs=1e-12)
    plain = [np.array(each) / sum(each) for each in (before, after)]
    assert total_variation(before, after) == pytest.approx(cityblock(*plain) / 2, abs=1e-12)


def test_mean_shift_is_the_t_statistic_without_the_counts() -> None:
    generator = np.random.default_rng(1)
    before, after = generator.normal(size=400), generator.normal(0.5, 1.5, size=300)
    found = column_shift(pl.Series("x", before), pl.Series("x", after))
    assert found is not None
    t = stats.ttest_ind(after, before).statistic
    assert found.mean_shift == pytest.approx(t * math.sqrt(1 / 400 + 1 / 300))
    assert found.means == pytest.approx((before.mean(), after.mean()))
    assert found.size == "large"


def test_numbers_are_binned_at_the_deciles_of_the_first() -> None:
    before = pl.Series("x", range(1000))
    found = column_shift(before, pl.Series("x", range(500, 1500)))
    assert found is not None
    assert found.total_variation == pytest.approx(0.5)
    assert (found.kind, found.size) == ("number", "large")
    same = column_shift(before, before.sample(fraction=1, shuffle=True, seed=1))
    assert same is not None
    assert (same.psi, same.total_variation, same.mean_shift, same.size) == (0.0, 0.0, pytest.approx(0), "none")


def test_missing_numbers_are_a_bin_of_their_own() -> None:
    found = column_shift(pl.Series("x", [1.0, 2.0, None, math.nan]), pl.Series("x", [1.0, 2.0, 1.0, 2.0]))
    assert found is not None
    assert (found.missing, found.total_variation) == ((0.5, 0.0), 0.5)


def test_categories_are_compared_by_their_shares() -> None:
    found = column_shift(pl.Series("x", ["a"] * 60 + ["b"] * 40), pl.Series("x", ["a"] * 30 + ["c"] * 50 + [None] * 20))
    assert found is not None
    assert (found.kind, found.total_variation, found.size) == ("category", pytest.approx(0.7), "large")
    assert found.missing == (0.0, 0.2)
    flags = column_shift(pl.Series("x", [True, False]), pl.Series("x", [True, True]))
    assert flags is not None
    assert flags.total_variation == 0.5


def test_texts_without_categories_are_compared_by_length() -> None:
    short, long = (pl.Series("x", [f"{n:0{width}}" for n in range(2000)]) for width in (5, 9))
    found = column_shift(short, long)
    assert found is not None
    assert (found.kind, found.psi, found.means, found.mean_shift) == ("text", None, (5.0, 9.0), None)


def test_moments_and_dates_are_numbers() -> None:
    days = pl.Series("d", [date(2026, 1, day) for day in range(1, 29)])
    for values in (days, days.cast(pl.Datetime("us")), days.cast(pl.Datetime("us", "UTC"))):
        found = column_shift(values, values.dt.offset_by("1d"))
        assert found is not None
        assert found.means is not None
        assert found.means[1] - found.means[0] == pytest.approx(86_400)


@pytest.mark.parametrize("values", [[], [None], [None, math.nan], [math.inf, -math.inf, 1.0], [3.0], [3.0, 3.0]])
@pytest.mark.parametrize("others", [[], [None], [1.0, 2.0], [math.inf]])
def test_odd_columns_give_no_error_and_no_nan(values: list[float | None], others: list[float | None]) -> None:
    found = column_shift(pl.Series("x", values, dtype=pl.Float64), pl.Series("x", others, dtype=pl.Float64))
    assert found is not None
    for figure in (found.psi, found.total_variation, found.mean_shift):
        assert figure is None or math.isfinite(figure)


def test_nested_columns_and_bytes_are_left_out() -> None:
    for values in ([[1]], [{"a": 1}], [b"x"]):
        assert column_shift(pl.Series("x", values), pl.Series("x", values)) is None


def test_few_rows_are_not_said_to_have_moved_by_chance() -> None:
    generator = np.random.default_rng(3)
    sizes = [
        shift.size
        for _ in range(200)
        if (shift := column_shift(pl.Series("x", generator.normal(size=40)), pl.Series("x", generator.normal(size=40))))
    ]
    assert sizes.count("large") < 20  # most would be by the bare index
    found = column_shift(pl.Series("x", ["a", "b", "c"]), pl.Series("x", ["a", "B", "d"]))
    assert found is not None
    assert found.size == "none"
