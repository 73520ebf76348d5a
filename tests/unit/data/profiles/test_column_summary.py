from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.data.profiles.column_summary import (
    Bound,
    Moments,
    merge_columns,
    merge_moments,
    moments_of,
    summarize_column,
)
from millwright.data.profiles.record import SemanticKind
from millwright.data.profiles.sketch import frequent

BATCHES = st.lists(st.lists(st.floats(-1e6, 1e6), max_size=20), min_size=1, max_size=6)


@given(BATCHES)
def test_moments_merge_to_those_of_all_numbers(batches: list[list[float]]) -> None:
    merged = Moments()
    for batch in batches:
        merged = merge_moments(merged, moments_of(np.array(batch)))
    numbers = np.array([number for batch in batches for number in batch])
    assert merged.count == len(numbers)
    if len(numbers):
        assert merged.mean == pytest.approx(numbers.mean(), abs=1e-6)
        assert merged.squares == pytest.approx(numbers.var() * len(numbers), rel=1e-6, abs=1e-3)


def test_variance_survives_a_mean_that_is_far_from_zero() -> None:
    numbers = 1e9 + np.random.default_rng(0).normal(size=10_000)
    merged = Moments()
    for batch in np.array_split(numbers, 13):
        merged = merge_moments(merged, moments_of(batch))
    assert merged.squares / (merged.count - 1) == pytest.approx(numbers.var(ddof=1), rel=1e-6)


def test_infinite_numbers_are_counted_apart() -> None:
    merged = merge_moments(moments_of(np.array([1.0, np.inf])), moments_of(np.array([-np.inf, 3.0])))
    assert (merged.count, merged.mean, merged.infinite) == (2, 2.0, 2)
    assert moments_of(np.array([1e308, -1e308])).squares == np.inf


def test_bounds_are_the_lowest_and_highest_of_both() -> None:
    days = [summarize_column(pl.Series("a", [date(2024, 1, day)])) for day in (5, 3)]
    merged = merge_columns(*days)
    assert (merged.lowest, merged.highest) == (
        Bound(key=19725, shown="2024-01-03"),
        Bound(key=19727, shown="2024-01-05"),
    )
    moment = summarize_column(pl.Series("a", [datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)]))
    assert moment.lowest == Bound(key=1_000_000, shown="1970-01-01T00:00:01+00:00")
    huge = summarize_column(pl.Series("a", [2**100], dtype=pl.Int128))
    assert huge.lowest == Bound(key=2.0**100, shown=2**100)


def test_missing_values_are_counted_and_nothing_else_is_known_of_them() -> None:
    empty = summarize_column(pl.Series("a", [None, float("nan")], dtype=pl.Float64))
    assert (empty.rows, empty.nulls, empty.lowest, empty.quantiles, empty.distinct) == (2, 2, None, b"", b"")
    merged = merge_columns(empty, summarize_column(pl.Series("a", [1.5])))
    assert (merged.rows, merged.nulls, merged.highest) == (3, 2, Bound(key=1.5, shown=1.5))
    assert summarize_column(pl.Series("a", [[1]])).rows == 1


def test_suspicion_of_either_batch_hides_the_values_of_both() -> None:
    first = summarize_column(pl.Series("a", ["alpha", "beta"] * 5))
    second = summarize_column(pl.Series("a", ["jo@example.org"]))
    for merged in (merge_columns(first, second), merge_columns(second, first)):
        assert merged.personal is SemanticKind.EMAIL
        assert (merged.frequent, merged.quantiles, merged.lowest) == (None, b"", None)
        assert merged.lengths.count == 11


def test_most_frequent_of_very_many_texts_are_bounded_by_what_was_left_out() -> None:
    random = np.random.default_rng(0)
    drawn = pl.Series("a", [f"w{number}" for number in random.zipf(1.2, 50_000) % 30_000])
    found = summarize_column(drawn).frequent
    assert found is not None
    assert 0 < found.left_out <= len(drawn) / 193
    true = drawn.value_counts(sort=True)
    counts, error = frequent(found.sketch)
    assert error == 0
    # Which of those that came equally often is the 192nd is anybody's guess.
    assert sorted(counts.values(), reverse=True) == true["count"].head(192).to_list()
    assert counts.items() <= dict(true.iter_rows()).items()


def test_identifiers_in_a_large_batch_are_not_counted_one_by_one() -> None:
    ids = pl.Series("a", [f"id-{number}" for number in range(20_000)])
    found = summarize_column(ids.append(pl.Series(["id-7"]))).frequent
    assert found is not None
    assert (frequent(found.sketch), found.left_out) == (({}, 0), 2)
    measured = summarize_column(pl.Series("a", range(2_000)))
    assert measured.frequent is None
