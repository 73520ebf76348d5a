from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from millwright.automation.policy import LAUNCH, RetrainingPolicy, wait_reason
from millwright.automation.trigger import Trigger, on_dataset
from millwright.core.errors import InvalidInputError
from millwright.core.ids import Digest
from millwright.core.records.audit import AuditEvent
from millwright.monitoring.finding import AlertKind

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
RULE: dict[str, Any] = {"pipeline": "pipeline.py", "model": "delay"}
TRIGGER = Trigger(name="t", endpoint="delay", cooldown=timedelta(hours=1), max_per_day=2, **RULE)


def entry(hours_ago: float, action: str = LAUNCH) -> AuditEvent:
    return AuditEvent(
        seq=1,
        at=NOW - timedelta(hours=hours_ago),
        actor="automation",
        action=action,
        subject=TRIGGER.subject,
        details={},
        previous_hash=Digest(""),
        hash=Digest(""),
    )


def test_trigger_may_fire_when_it_never_ran():
    assert wait_reason(TRIGGER, [], now=NOW) == ""


def test_trigger_rests_after_the_end_of_its_last_run():
    history = [entry(0.5, "retraining.decide"), entry(5)]
    assert wait_reason(TRIGGER, history, now=NOW) == (
        "Trigger 't' rests until 2026-01-15T12:30:00+00:00 after its last run."
    )
    assert wait_reason(TRIGGER, [entry(1.0, "retraining.decide"), entry(5)], now=NOW) == ""


def test_trigger_rests_after_a_run_that_never_ended():
    assert "rests until" in wait_reason(TRIGGER, [entry(0.1)], now=NOW)


def test_trigger_waits_when_it_ran_as_often_as_it_may_in_a_day():
    history = [entry(3), entry(20), entry(30)]
    assert wait_reason(TRIGGER, history, now=NOW) == (
        "Trigger 't' has run 2 times in 24 hours, which is its limit, until 2026-01-15T16:00:00+00:00."
    )
    assert wait_reason(TRIGGER, [entry(3), entry(24), entry(30)], now=NOW) == ""


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
