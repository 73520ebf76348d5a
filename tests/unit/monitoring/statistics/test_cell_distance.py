from __future__ import annotations

import polars as pl
import pytest

from millwright.monitoring.statistics import CategoricalColumn, find_statistic
from millwright.monitoring.statistics.catalog import STATISTICS
from millwright.monitoring.statistics.cell_distance import CellDistance

NAMES = [name for name in STATISTICS if isinstance(find_statistic(name), CellDistance)]


@pytest.mark.parametrize("name", NAMES)
def test_score_is_the_distance_of_the_columns_cells_without_a_test(name: str):
    column = CategoricalColumn(pl.Series(["a", "a", "b", None]), pl.Series(["a", "b", "b", "new"]))
    statistic = find_statistic(name)
    assert isinstance(statistic, CellDistance)
    found = statistic.score(column)
    assert found.value == statistic.distance(column.bins.reference, column.bins.current) > 0
    assert found.p_value is None


def test_all_distances_over_cells_are_of_this_kind():
    assert NAMES == ["psi", "jensen_shannon", "hellinger", "total_variation"]
