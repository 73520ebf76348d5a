from __future__ import annotations

import pytest

from millwright.automation.delivery.topic import TOPICS
from millwright.core.errors import ConflictError
from millwright.core.records.rollout import RolloutState
from millwright.deployment.traffic.announcement import EVENTS
from millwright.deployment.traffic.strategy import Split


@pytest.fixture
def told(workspace):
    """Events that listeners have heard of, in order."""
    heard = []
    workspace.registry.events.subscribe("*", heard.append)
    return heard


def test_each_change_is_told(begin, control, told, clock):
    record = begin()
    record = control.advance(record, reason="enough of 10 %", evidence={"answered": 7})
    record = control.pause(record, reason="lunch")
    record = control.resume(record, reason="after lunch")
    record = control.promote(record, reason="enough")
    assert [(event.type, event.subject) for event in told] == [
        ("rollout.started", "delay"),
        ("rollout.advanced", "delay"),
        ("rollout.paused", "delay"),
        ("rollout.resumed", "delay"),
        ("model.promoted", "delay@2"),
        ("rollout.promoted", "delay"),
    ]
    # One stream: receivers get the alias's move and the end of the rollout in this order.
    assert {event.stream for event in told} == {"models/delay"}
    advanced = told[1]
    assert advanced.at == clock.now()
    assert advanced.data == {
        "endpoint": "delay",
        "name": "delay",
        "step": 1,
        "actor": "user:ada",
        "rollout": record.id,
        "kind": "canary",
        "state": "running",
        "arms": {"primary": ["delay@1", 50.0], "canary": ["delay@2", 50.0]},
        "alias": "champion",
        "reason": "enough of 10 %",
        "evidence": {"answered": 7},
    }


def test_ways_to_end_are_told_apart(begin, control, told, workspace):
    control.roll_back(begin(), reason="too slow", reject=True)
    workspace.registry.approve("delay", 2, reason="once more")
    control.end(control.weigh(begin(Split([90, 10])), [60, 40], reason="more"), reason="enough")
    assert [event.type for event in told if event.type.startswith("rollout.")] == [
        "rollout.started",
        "rollout.rolled_back",
        "rollout.started",
        "rollout.weighed",
        "rollout.ended",
    ]


def test_what_changes_nothing_is_not_told(begin, control, told):
    record = begin()
    control.note(record, reason="7 of 200", evidence={})
    with pytest.raises(ConflictError):
        control.pause(record, reason="too late")
    assert [event.type for event in told] == ["rollout.started"]


def test_rollouts_own_decisions_are_told_in_its_name(begin, control, told):
    record = begin()
    control.by_itself(record).promote(record, reason="it passed")
    assert [(event.type, event.data["actor"]) for event in told[1:]] == [
        ("model.promoted", f"automation:rollout/{record.id}"),
        ("rollout.promoted", f"automation:rollout/{record.id}"),
    ]
    assert record.state is RolloutState.RUNNING


def test_every_event_can_be_asked_for_by_webhooks():
    assert set(EVENTS.values()) <= set(TOPICS)
