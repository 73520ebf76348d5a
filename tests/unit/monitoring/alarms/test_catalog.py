from __future__ import annotations

from typing import Any

from millwright.monitoring.alarms import judged_kinds
from millwright.monitoring.alarms.catalog import ALARMS
from millwright.monitoring.finding import AlertKind
from millwright.monitoring.settings import MonitorSettings


def test_catalog_has_one_alarm_per_kind():
    kinds = [alarm.kind for alarm in ALARMS]
    assert len(kinds) == len(set(kinds))


def test_judged_kinds_leave_out_what_a_small_window_without_labels_cannot_tell(comparison: Any, lost: Any):
    settings = MonitorSettings(min_rows=50)
    assert AlertKind.DRIFT in judged_kinds(comparison(rows=50), settings)
    assert AlertKind.DRIFT not in judged_kinds(comparison(rows=49), settings)
    assert AlertKind.PERFORMANCE not in judged_kinds(comparison(rows=50), settings)
    assert AlertKind.PERFORMANCE in judged_kinds(comparison(rows=1, performance=lost), settings)
