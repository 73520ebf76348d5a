from __future__ import annotations

from typing import Any

from millwright.monitoring.alarms import find_alarms
from millwright.monitoring.bias import Gap, GroupBias
from millwright.monitoring.finding import AlertKind
from millwright.monitoring.settings import MonitorSettings


def gap(*, grown: bool) -> GroupBias:
    found = Gap(
        measure="selection_rate", gap=0.35, reference=0.02, low_group="Bronx", high_group="Queens", growth=0.33,
        interval=(0.25, 0.41), limit=0.1, grown=grown,
    )  # fmt: skip
    return GroupBias(column="borough", groups=(), reference=(), gaps=(found,), equalized_odds=None)


def test_bias_names_the_groups_and_the_growth(comparison: Any):
    (found,) = find_alarms(comparison(bias=(gap(grown=True),)), MonitorSettings())
    assert found.kind is AlertKind.BIAS
    assert found.message == (
        "Over 100 rows, selection rate where borough is Queens lies above that where it is Bronx by 0.33 more than it "
        "did (0.25 to 0.41, limit 0.1)."
    )
    evidence = found.evidence["gaps"][0]
    assert (evidence["column"], evidence["expected"], evidence["found"]) == ("borough", 0.02, 0.35)


def test_bias_is_silent_when_no_gap_grew(comparison: Any):
    assert find_alarms(comparison(bias=(gap(grown=False),)), MonitorSettings()) == []
