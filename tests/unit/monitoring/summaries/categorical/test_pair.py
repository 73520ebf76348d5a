from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from millwright.monitoring.statistics import CategoricalColumn, find_statistic
from millwright.monitoring.summaries.categorical.grid import CategoricalGrid

if TYPE_CHECKING:
    from millwright.monitoring.summaries.categorical.pair import CategoricalSummaryPair

words = st.lists(st.one_of(st.none(), st.sampled_from("abcdefg"), st.text(max_size=3)), max_size=80)


def both(reference, current, *, levels: int = 50) -> tuple[CategoricalSummaryPair, CategoricalColumn]:
    before, now = pl.Series(reference, dtype=pl.String), pl.Series(current, dtype=pl.String)
    grid = CategoricalGrid.of(before.drop_nulls())
    summed = grid.pair(grid.count(before), grid.count(now), bins=10, levels=levels)
    return summed, CategoricalColumn(before, now, levels=levels)


@given(words, words, st.sampled_from([1, 3, 50]))
@settings(deadline=None)
def test_cells_of_summaries_are_those_of_the_values(reference: list, current: list, levels: int):
    summed, exact = both(reference, current, levels=levels)
    assert summed.bins.labels == exact.bins.labels
    assert summed.bins.reference.tolist() == exact.bins.reference.tolist()
    assert summed.bins.current.tolist() == exact.bins.current.tolist()
    assert summed.unseen == exact.unseen
    for ours, theirs in zip(summed.test_counts, exact.test_counts, strict=True):
        assert ours.tolist() == theirs.tolist()


def test_unseen_values_are_estimated_when_they_are_many():
    values = [f"new {number}" for number in np.random.default_rng(1).integers(0, 5_000, 40_000)] + ["often"] * 8_000
    summed, exact = both(["a"] * 100, values)
    assert summed.bins.current.tolist() == exact.bins.current.tolist()
    assert summed.unseen["often"] == pytest.approx(8_000, rel=0.1)
    assert summed.unseen_values == pytest.approx(len(set(values)), rel=0.05)
    assert sum(summed.test_counts[1]) == len(values)


def test_every_statistic_is_zero_when_both_windows_are_the_same():
    values = ["a"] * 5 + ["b"] * 3 + [None]
    summed, _ = both(values, values[::-1])
    for name in ("psi", "jensen_shannon", "hellinger", "total_variation", "chi_square"):
        assert find_statistic(name).score(summed).value == 0.0
