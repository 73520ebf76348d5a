"""Who hears of a change to a rollout: the audit log, and whoever listens to events, webhooks among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.events import Event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.core.events import Commits, EventBus
    from millwright.core.records.rollout import RolloutRecord
    from millwright.storage.base import AuditStore

# What is told of each decision that changes something; a look that changes nothing (`wait`) is not told.
EVENTS: Mapping[str, str] = {
    "start": "rollout.started",
    "advance": "rollout.advanced",
    "weigh": "rollout.weighed",
    "pause": "rollout.paused",
    "resume": "rollout.resumed",
    "promote": "rollout.promoted",
    "roll_back": "rollout.rolled_back",
    "end": "rollout.ended",
}


def announce(record: RolloutRecord, *, audit: AuditStore, events: EventBus, commits: Commits) -> None:
    """Tell of a rollout's last decision; to be called last in the transaction of the change.

    Args:
        record: The rollout after the change.
        audit: Takes the entry, whose subject is the endpoint.
        events: Told in the stream of the model, so that a promotion and the alias's move arrive in order.
        commits: Knows when the change is durable.
    """
    decision = record.decision
    facts = {
        "rollout": record.id,
        "kind": record.kind.value,
        "state": record.state.value,
        "arms": {arm.name: [f"{record.model}@{arm.version}", arm.weight] for arm in record.arms},
        "alias": record.alias,
        "reason": decision.reason,
        "evidence": dict(decision.evidence),
    }
    audit.append(
        at=decision.at,
        actor=decision.by,
        action=f"rollout.{decision.action}",
        subject=record.endpoint,
        details=facts,
    )
    told = {"endpoint": record.endpoint, "name": record.model, "step": record.step, "actor": decision.by, **facts}
    event = Event(
        type=EVENTS[decision.action],
        subject=record.endpoint,
        at=decision.at,
        data=told,
        stream=f"models/{record.model}",
    )
    events.publish(event, commits)
