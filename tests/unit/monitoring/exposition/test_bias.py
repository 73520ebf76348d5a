from __future__ import annotations

from typing import Any

import pytest

from millwright.monitoring.exposition import bias


def test_gap_is_told_with_its_growth_and_limit(told: Any):
    found, labels = told(bias.BIAS), ("phase", "selection_rate")
    rates = [
        value for (metric, group), value in found.items() if metric is bias.GROUP_VALUE and group[2] == "selection_rate"
    ]
    assert found[bias.GAP, labels] == pytest.approx(max(rates) - min(rates))
    assert found[bias.REFERENCE_GAP, labels] > 0
    assert found[bias.GROWTH_LOW, labels] < found[bias.GROWTH, labels] < found[bias.GROWTH_HIGH, labels]
    assert found[bias.GROWTH_LIMIT, labels] == 0.1
    assert found[bias.GROWN, labels] == float(found[bias.GROWTH_LOW, labels] > 0.1)
    odds = [found[bias.GAP, ("phase", f"{side}_positive_rate")] for side in ("true", "false")]
    assert found[bias.EQUALIZED_ODDS, ("phase",)] == max(odds)


def test_groups_are_told_the_largest_first(told: Any):
    found = told(bias.BIAS)
    rows = [value for (metric, _), value in found.items() if metric is bias.GROUP_ROWS]
    assert rows == sorted(rows, reverse=True)
    assert found[bias.GROUP_ROWS, ("phase", "Demolition", "selection_rate")] == 60.0
    assert (bias.GROUP_REFERENCE, ("phase", "Design", "selection_rate")) in found
    assert (bias.GROUP_REFERENCE, ("phase", "Demolition", "selection_rate")) not in found
