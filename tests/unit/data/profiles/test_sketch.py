from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.data.profiles.measuring import QUANTILES
from millwright.data.profiles.sketch import (
    bin_counts,
    distinct,
    distinct_error,
    frequent,
    is_estimate,
    merge_distinct,
    merge_frequent,
    merge_quantiles,
    quantiles,
    rank_error,
    sketch_distinct,
    sketch_frequent,
    sketch_quantiles,
    span,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SHAPES: dict[str, Callable[[np.random.Generator, int], NDArray[np.float64]]] = {
    "normal": lambda random, n: random.normal(size=n),
    "heavy": lambda random, n: random.pareto(1.1, size=n),
    "few": lambda random, n: random.integers(0, 5, n).astype(float),
    "rising": lambda _, n: np.arange(n, dtype=float),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("batches", [1, 7, 50])
def test_ranks_of_quantiles_are_within_the_stated_error(shape: str, batches: int) -> None:
    values = SHAPES[shape](np.random.default_rng(1), 60_000)
    merged = b""
    for batch in np.array_split(values, batches):
        merged = merge_quantiles(merged, sketch_quantiles(batch))
    ordered = np.sort(values)
    for share, value in zip(QUANTILES, quantiles(merged, QUANTILES), strict=True):
        lowest = np.searchsorted(ordered, value, "left") / len(values)
        highest = np.searchsorted(ordered, value, "right") / len(values)
        # The stated error holds with 99 %; twice as much never fails in practice.
        assert lowest - 2 * rank_error() <= share <= highest + 2 * rank_error()
    assert span(merged) == (ordered[0], ordered[-1])
    assert is_estimate(merged)
    assert len(merged) < 6_000


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=150))
def test_few_values_are_all_kept(values: list[float]) -> None:
    half = len(values) // 2
    sketch = merge_quantiles(sketch_quantiles(np.array(values[:half])), sketch_quantiles(np.array(values[half:])))
    assert quantiles(sketch, QUANTILES) == np.quantile(values, QUANTILES, method="inverted_cdf").tolist()
    assert not is_estimate(sketch)


def test_bins_hold_all_values_and_are_near_the_true_counts() -> None:
    values = np.random.default_rng(2).normal(size=30_000)
    edges = np.linspace(values.min(), values.max(), 21)
    found = bin_counts(sketch_quantiles(values), edges)
    assert sum(found) == len(values)
    assert np.abs(np.array(found) - np.histogram(values, edges)[0]).max() <= 2 * 2 * rank_error() * len(values)


@pytest.mark.parametrize("count", [1, 100, 5_000, 100_000])
def test_number_of_distinct_values_is_within_the_stated_error(count: int) -> None:
    values = pl.Series(np.arange(count) * 7919)
    parts = [sketch_distinct(values[at::3].append(values[: count // 2])) for at in range(3)]
    found = {round(distinct(merge_distinct(merge_distinct(parts[a], parts[b]), parts[c])), 6)
             for a, b, c in ((0, 1, 2), (2, 0, 1), (1, 2, 0))}  # fmt: skip
    assert all(abs(one - count) <= distinct_error() * count for one in found)
    assert len(found) == 1
    assert len(parts[0]) < 2_200


@pytest.mark.parametrize(
    ("values", "dtype", "count"),
    [
        (["", "a", "a"], pl.String, 2),
        ([2**64 - 1, 2**63, 1], pl.UInt64, 3),
        ([2**100, 2**100 + 1], pl.Int128, 2),
        ([-(2**63), 2**63 - 1], pl.Int64, 2),
        ([0.0, -0.0, float("inf")], pl.Float64, 2),
        ([True, False, True], pl.Boolean, 2),
        ([date(2024, 1, 1), date(2024, 1, 2)], pl.Date, 2),
        ([Decimal("1.5"), Decimal("1.25")], pl.Decimal(10, 2), 2),
        ([], pl.Int64, 0),
    ],
)
def test_values_of_each_type_are_told_apart(values: list[Any], dtype: Any, count: int) -> None:
    assert distinct(sketch_distinct(pl.Series(values, dtype=dtype))) == pytest.approx(count, rel=1e-3)


@given(st.lists(st.dictionaries(st.text(max_size=3), st.integers(1, 10_000), max_size=30), min_size=1, max_size=6))
def test_up_to_192_values_are_counted_exactly_in_any_order_of_merges(batches: list[dict[str, int]]) -> None:
    expected: Counter[str] = Counter()
    for batch in batches:
        expected.update(batch)
    for order in (batches, batches[::-1]):
        merged = sketch_frequent({})
        for batch in order:
            merged = merge_frequent(merged, sketch_frequent(batch))
        assert frequent(merged) == (dict(expected), 0)


def test_frequent_values_among_many_are_within_the_stated_error() -> None:
    random = np.random.default_rng(3)
    drawn = random.zipf(1.3, 200_000)
    drawn = drawn[drawn < 1_000_000]
    true = Counter(drawn.tolist())
    merged = sketch_frequent({})
    for batch in np.array_split(drawn, 9):
        merged = merge_frequent(
            merged, sketch_frequent({str(key): count for key, count in Counter(batch.tolist()).items()})
        )
    found, error = frequent(merged)
    assert error <= 0.0137 * len(drawn)
    assert all(true[int(text)] <= count <= true[int(text)] + error for text, count in found.items())
    assert {str(key) for key, count in true.items() if count > 2 * error} <= set(found)
    assert len(frequent(merged, above=max(found.values()))[0]) == 0


def test_sketch_of_nothing_is_empty() -> None:
    assert (sketch_quantiles(np.array([])), quantiles(b"", [0.5]), span(b""), distinct(b"")) == (b"", [], None, 0.0)
