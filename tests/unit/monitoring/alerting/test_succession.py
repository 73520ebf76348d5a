from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from millwright.core.ids import ReportId
from millwright.monitoring.alerting import succession
from millwright.monitoring.finding import AlertKind
from millwright.testing import sample

OF_ENDPOINT = {"volume", "freshness", "operations", "retraining_failed", "check_failed"}


@pytest.mark.parametrize("kind", list(AlertKind))
def test_alert_about_what_a_version_saw_is_over_once_another_answers(world: Any, kind: AlertKind):
    report = sample.report()
    world.stores.monitors.append_report(report)
    alert = replace(sample.alert(), kind=kind.value, report_id=report.id)
    assert succession(alert, "delay@1", world.stores.monitors) is None
    expected = None if kind.value in OF_ENDPOINT else "It is about delay@1, and delay@2 answers now."
    assert succession(alert, "delay@2", world.stores.monitors) == expected


def test_alert_is_about_the_version_that_it_was_found_in_last(world: Any):
    first, last = sample.report(), replace(sample.report(), version=2)
    for report in (first, last):
        world.stores.monitors.append_report(report)
    alert = replace(sample.alert(), report_id=first.id, last_report_id=last.id)
    assert succession(alert, "delay@2", world.stores.monitors) is None


@pytest.mark.parametrize("report_id", [None, ReportId("gone")])
def test_alert_whose_report_cannot_tell_stands(world: Any, report_id: ReportId | None):
    alert = replace(sample.alert(), report_id=report_id)
    assert succession(alert, "delay@2", world.stores.monitors) is None
