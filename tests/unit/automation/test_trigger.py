from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from millwright.automation.trigger import Trigger, on_dataset, on_drift, on_performance
from millwright.core.errors import InvalidInputError
from millwright.monitoring.finding import AlertKind

RULE: dict[str, Any] = {"pipeline": "pipeline.py", "model": "delay"}


def test_trigger_fires_on_the_alerts_of_its_endpoint(project: Any):
    drift, missing = project.alert(AlertKind.DRIFT), project.alert(AlertKind.MISSING_DATA)
    trigger = Trigger(name="t", endpoint="delay", **RULE)
    assert trigger.fires_on_alert(drift)
    assert not trigger.fires_on_alert(missing)
    assert not Trigger(name="t", endpoint="other", **RULE).fires_on_alert(drift)


def test_trigger_of_a_monitor_fires_on_its_own_alerts_and_on_those_of_checks_by_hand(project: Any):
    trigger = Trigger(name="t", endpoint="delay", monitor="hourly", **RULE)
    alerts = [project.alert(monitor=monitor) for monitor in ("hourly", "", "daily")]
    assert [trigger.fires_on_alert(alert) for alert in alerts] == [True, True, False]
    assert all(trigger.answers_alert(alert) for alert in alerts)


def test_on_drift_and_on_performance_fire_on_their_kind_only(project: Any):
    drift, lost = project.alert(AlertKind.DRIFT), project.alert(AlertKind.PERFORMANCE)
    assert on_drift("delay", **RULE).fires_on_alert(drift)
    assert not on_drift("delay", **RULE).fires_on_alert(lost)
    assert on_performance("delay", **RULE).fires_on_alert(lost)
    assert on_drift("delay", **RULE).name == "drift-delay"
    assert on_drift("delay", name="mine", **RULE).name == "mine"


def test_on_dataset_fires_on_its_dataset_only():
    trigger = on_dataset("schedules", **RULE)
    assert trigger.fires_on_dataset("schedules")
    assert not trigger.fires_on_dataset("prices")


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"new_rows": 0}, "at least 1 new row"),
        ({"new_versions": 0}, "at least 1 new version"),
        ({"every": timedelta(0)}, "fire every so often"),
        ({"alerts": frozenset({"drfit"})}, "alert kind 'drfit'"),
        ({"endpoint": None}, "never fires"),
    ],
)
def test_trigger_refuses_a_rule_that_cannot_be(rule: dict, message: str):
    with pytest.raises(InvalidInputError, match=message):
        Trigger(name="t", **{"endpoint": "delay", **RULE, **rule})
