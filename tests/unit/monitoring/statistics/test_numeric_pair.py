from __future__ import annotations

import polars as pl
import pytest

from millwright.monitoring.statistics import CategoricalColumn, NumericColumn
from millwright.monitoring.statistics.numeric_pair import NumericPair, numeric_pair
from millwright.monitoring.summaries.numeric.grid import NumericGrid


def series(values) -> pl.Series:
    return pl.Series(values, dtype=pl.Float64)


def pairs() -> list[NumericPair]:
    before, now = series([1.0, 2.0, 2.0, 4.0, None]), series([2.0, 4.0, 4.0])
    grid = NumericGrid.of(before.drop_nulls().to_numpy())
    return [NumericColumn(before, now), grid.pair(grid.count(before), grid.count(now), bins=10, levels=50)]


def test_test_is_given_the_cells_of_the_bins():
    for pair in pairs():
        assert numeric_pair(pair) is pair
        assert [side.tolist() for side in pair.test_counts] == [
            pair.bins.reference.tolist(),
            pair.bins.current.tolist(),
        ]


def test_values_and_their_summaries_answer_alike():
    values, summed = pairs()
    assert values.rows == summed.rows == (4, 3)
    assert values.missing == summed.missing == (1, 0)
    # By hand: F is 1/4, 3/4, 3/4, 1 at 1, 2, 3, 4, and G is 0, 1/3, 1/3, 1.
    assert values.largest_gap == pytest.approx(3 / 4 - 1 / 3)
    assert summed.largest_gap == pytest.approx(3 / 4 - 1 / 3)
    assert values.area == pytest.approx(1 / 4 + 2 * (3 / 4 - 1 / 3))
    assert summed.area == pytest.approx(1 / 4 + 2 * (3 / 4 - 1 / 3))


def test_statistics_of_numbers_refuse_categories():
    with pytest.raises(TypeError, match="numeric"):
        numeric_pair(CategoricalColumn(pl.Series(["a"]), pl.Series(["b"])))
