from __future__ import annotations

from typing import Any

import pytest

from millwright.automation.policy import RetrainingPolicy
from millwright.automation.trigger import Trigger, on_dataset
from millwright.core.errors import InvalidInputError
from millwright.monitoring.finding import AlertKind

RULE: dict[str, Any] = {"pipeline": "pipeline.py", "model": "delay"}
TRIGGER = Trigger(name="t", endpoint="delay", **RULE)


def test_policy_finds_the_first_trigger_that_fires(project: Any):
    drift = Trigger(name="drift", endpoint="delay", alerts=frozenset({"drift"}), **RULE)
    policy = RetrainingPolicy(triggers=(on_dataset("schedules", **RULE), drift, TRIGGER))
    assert policy.for_alert(project.alert(AlertKind.DRIFT)) is drift
    assert policy.for_alert(project.alert(AlertKind.PERFORMANCE)) is TRIGGER
    assert policy.for_alert(project.alert(AlertKind.MISSING_DATA)) is None
    assert policy.for_dataset("schedules") is policy.triggers[0]
    assert policy.for_dataset("other") is None


def test_policy_refuses_two_triggers_of_one_name():
    with pytest.raises(InvalidInputError, match="Two triggers are called 't'"):
        RetrainingPolicy(triggers=(TRIGGER, TRIGGER))
