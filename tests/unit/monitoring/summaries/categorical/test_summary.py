from __future__ import annotations

import numpy as np
import polars as pl

from millwright.data.profiles.sketch import distinct, frequent, sketch_distinct, sketch_frequent
from millwright.monitoring.summaries.categorical.summary import CategoricalSummary


def summary(counts: list[int], new: dict[str, int], missing: int = 0) -> CategoricalSummary:
    return CategoricalSummary(
        counts=np.array(counts, dtype=np.int64),
        missing=missing,
        new=sum(new.values()),
        new_values=sketch_frequent(new),
        new_distinct=sketch_distinct(pl.Series(list(new), dtype=pl.String)),
    )


def test_rows_are_those_of_known_and_of_new_values_without_the_missing():
    assert summary([3, 0, 2], {"x": 4}, missing=9).rows == 9


def test_merging_adds_counts_and_new_values():
    merged = summary([1, 2], {"x": 4, "y": 1}, missing=1).merge(summary([5, 0], {"x": 2, "z": 7}, missing=2))
    assert merged.counts.tolist() == [6, 2]
    assert (merged.missing, merged.new, merged.rows) == (3, 14, 22)
    assert frequent(merged.new_values)[0] == {"x": 6, "y": 1, "z": 7}
    assert round(distinct(merged.new_distinct)) == 3


def test_merging_with_a_window_of_no_rows_changes_nothing():
    one = summary([1, 2], {"x": 4})
    merged = one.merge(CategoricalSummary(counts=np.zeros(2, dtype=np.int64)))
    assert merged.counts.tolist() == [1, 2]
    assert frequent(merged.new_values)[0] == {"x": 4}
    assert merged.rows == one.rows
