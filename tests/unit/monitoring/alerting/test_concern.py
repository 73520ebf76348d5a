from __future__ import annotations

from dataclasses import replace

import pytest

from millwright.monitoring.alerting import concerns
from millwright.testing import sample


@pytest.mark.parametrize(("monitor", "expected"), [("hourly", True), ("", True), ("daily", False)])
def test_alert_concerns_its_own_monitor_and_one_by_hand_all(monitor: str, expected: bool):
    assert concerns(replace(sample.alert(), monitor=monitor), "hourly") is expected
