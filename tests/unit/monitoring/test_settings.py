from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.records.monitor import Severity
from millwright.monitoring.settings import MonitorSettings


def test_settings_refuse_a_window_of_no_rows():
    with pytest.raises(InvalidInputError, match="at least 1 row"):
        MonitorSettings(min_rows=0)


@pytest.mark.parametrize("share", [0, 1.5, float("nan")])
def test_settings_refuse_a_share_outside_its_range(share: float):
    with pytest.raises(InvalidInputError, match="share of drifted features"):
        MonitorSettings(drift_share=share)


def test_settings_name_the_closest_kind_of_alert():
    with pytest.raises(InvalidInputError, match=r"no kind of alert 'drfit'.*drift"):
        MonitorSettings(severities={"drfit": Severity.INFO})
