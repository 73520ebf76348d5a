from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from millwright.data.profiles.correlation import correlate, correlated_rows

pytestmark = pytest.mark.filterwarnings("ignore::scipy.stats.ConstantInputWarning", "ignore:.*is not defined.*")
NUMBERS = st.integers(-5, 5).map(float) | st.floats(-1e6, 1e6) | st.none()


def values_of(frame: pl.DataFrame, numbers: list[str], categories: list[str]) -> dict[str, float]:
    return {one.measure: one.value for one in correlate(frame, numbers=numbers, categories=categories)}


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=3, max_size=60))
def test_numbers_correlate_as_scipy_says(rows: list[tuple[float | None, float | None]]) -> None:
    frame = pl.DataFrame(rows, schema={"a": pl.Float64, "b": pl.Float64}, orient="row")
    found = values_of(frame, ["a", "b"], [])
    complete = np.array([row for row in rows if None not in row], dtype=float).reshape(-1, 2)
    if len(complete) < 3 or any(np.ptp(column) <= 1e-9 * np.abs(column).max() for column in complete.T):
        assert not found or len(complete) >= 3
        return
    assert found["pearson"] == pytest.approx(stats.pearsonr(*complete.T).statistic, abs=1e-6)
    assert found["spearman"] == pytest.approx(stats.spearmanr(*complete.T).statistic, abs=1e-9)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), min_size=6, max_size=60))
def test_categories_go_together_as_scipy_says(rows: list[tuple[str, str]]) -> None:
    frame = pl.DataFrame(rows, schema=["a", "b"], orient="row")
    found = values_of(frame, [], ["a", "b"])
    table = frame.to_pandas().groupby(["a", "b"]).size().unstack(fill_value=0).to_numpy()
    if min(table.shape) < 2:
        assert not found
        return
    assert found["cramers_v"] == pytest.approx(stats.contingency.association(table, method="cramer"), abs=1e-9)


def test_correlation_ratio_is_the_root_of_what_the_analysis_of_variance_explains() -> None:
    random = np.random.default_rng(0)
    groups = random.integers(0, 3, 300)
    numbers = groups * 0.7 + random.normal(size=300)
    frame = pl.DataFrame({"group": groups.astype(str), "number": numbers})
    parts = [numbers[groups == one] for one in range(3)]
    f = stats.f_oneway(*parts).statistic
    explained = f * 2 / (f * 2 + 297)
    assert values_of(frame, ["number"], ["group"])["correlation_ratio"] == pytest.approx(explained**0.5)


def test_strongest_pair_comes_first_and_constants_have_none() -> None:
    frame = pl.DataFrame(
        {"a": [1.0, 2.0, 3.0, 4.0], "b": [1.0, 3.0, 2.0, 4.0], "c": [2.0, 4.0, 6.0, 8.0], "d": [0.1] * 4}
    )
    found = correlate(frame, numbers=["a", "b", "c", "d"], categories=[])
    assert (found[0].first, found[0].second) == ("a", "c")
    assert found[0].value == pytest.approx(1)
    assert "d" not in {name for one in found for name in (one.first, one.second)}


def test_huge_and_infinite_numbers_are_taken() -> None:
    frame = pl.DataFrame({"a": [1e300, 2e300, 3e300, float("inf")], "b": [1e-300, 2e-300, 3e-300, 0.0]})
    assert values_of(frame, ["a", "b"], [])["pearson"] == pytest.approx(1)


def test_large_table_is_looked_at_evenly() -> None:
    frame = pl.DataFrame({"a": np.arange(25_000.0), "b": np.arange(25_000.0) ** 2})
    assert correlated_rows(frame.height) == 8334 == frame.gather_every(3).height
    assert values_of(frame, ["a", "b"], [])["spearman"] == pytest.approx(1)
    assert correlated_rows(10_000) == 10_000
    assert correlate(frame.head(0), numbers=["a", "b"], categories=[]) == ()


def test_columns_beyond_the_bound_are_left_out() -> None:
    random = np.random.default_rng(0)
    frame = pl.DataFrame({f"c{number:02}": random.normal(size=20) for number in range(25)})
    found = correlate(frame, numbers=frame.columns, categories=[])
    assert {name for one in found for name in (one.first, one.second)} == {f"c{number:02}" for number in range(20)}
