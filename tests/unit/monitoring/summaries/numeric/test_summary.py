from __future__ import annotations

import numpy as np

from millwright.monitoring.summaries.grid import unpack_counts
from millwright.monitoring.summaries.numeric.summary import NumericSummary


def summary(counts: list[int], sums: list[float], **others: float) -> NumericSummary:
    return NumericSummary(counts=np.array(counts, dtype=np.int64), sums=np.array(sums), **others)  # type: ignore[arg-type]


def test_merging_adds_counts_and_sums_and_keeps_the_extremes():
    one = summary([1, 0, 2], [-3.0, 0.0, 9.0], missing=1, lowest=-3.0, highest=5.0)
    two = summary([0, 4, 1], [0.0, 8.0, 7.0], missing=2, lowest=2.0, highest=7.0)
    merged = one.merge(two)
    assert merged.counts.tolist() == [1, 4, 3]
    assert merged.sums.tolist() == [-3.0, 8.0, 16.0]
    assert (merged.rows, merged.missing, merged.lowest, merged.highest) == (8, 3, -3.0, 7.0)


def test_window_of_no_rows_has_no_extremes_and_changes_nothing():
    none = summary([0, 0], [0.0, 0.0])
    assert (none.rows, none.lowest, none.highest) == (0, np.inf, -np.inf)
    merged = none.merge(summary([1, 1], [1.0, 2.0], lowest=1.0, highest=2.0))
    assert (merged.rows, merged.lowest, merged.highest) == (2, 1.0, 2.0)


def test_sums_are_packed_for_the_cells_that_hold_something():
    places, counts, sums, missing, lowest, highest = summary(
        [0, 2, 0, 1], [0.0, 3.5, 0.0, -1.0], missing=4, lowest=-1.0, highest=2.0
    ).pack()
    assert unpack_counts(4, [places, counts])[0].tolist() == [0, 2, 0, 1]
    assert np.frombuffer(sums, "<f8").tolist() == [3.5, -1.0]
    assert (missing, lowest, highest) == (4, -1.0, 2.0)
