from __future__ import annotations

from typing import Any

from millwright.monitoring.alarms import find_alarms
from millwright.monitoring.finding import AlertKind
from millwright.monitoring.quality.missing import MissingShare
from millwright.monitoring.settings import MonitorSettings


def test_missing_data_is_found_when_a_share_rose(comparison: Any):
    share = MissingShare(column="cost", reference=0.02, current=0.4, p_value=1e-9, risen=True)
    found = find_alarms(comparison(missing=(share,)), MonitorSettings())
    assert found[0].kind is AlertKind.MISSING_DATA
    assert found[0].message == "Over 100 rows, values are missing more often: cost 2% → 40%."
