"""Retrainings as the alerts see them: taken on when one begins, and resolved with the decision that it came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from millwright.core.events import Event
from millwright.core.ids import AlertId, DecisionId, PipelineRunId, new_id
from millwright.core.records.monitor import AlertState, DecisionRecord, Outcome
from millwright.monitoring.alert import AlertDesk

if TYPE_CHECKING:
    from collections.abc import Collection

    from millwright.automation.outcome import Judgement
    from millwright.core.clock import Clock
    from millwright.core.events import EventBus
    from millwright.storage.catalog import Stores

_FAR_BACK = 1000  # alerts that are looked through; older ones have long been dealt with


@dataclass(frozen=True, kw_only=True, slots=True)
class Retraining:
    """A pipeline run that is to give a model.

    Attributes:
        trigger: The name of what started it.
        cause: What happened: `alert:<id>`, `dataset:<ref>`.
        alerts: Those that it answers, the one that started it first.
    """

    trigger: str
    cause: str
    alerts: tuple[AlertId, ...] = ()

    @property
    def subject(self) -> str:
        """What it is filed under in the audit log."""
        return f"trigger:{self.trigger}"


class DecisionDesk:
    """Writes down that a retraining begins and what it came to, with all that follows from it.

    Args:
        stores: Alerts, decisions, audit log.
        clock: Tells when.
        events: Hears `retraining.launched` and `decision.made`, and what becomes of alerts.
        actor: Who acts, for the audit log.
    """

    def __init__(self, *, stores: Stores, clock: Clock, events: EventBus, actor: str) -> None:
        self._stores = stores
        self._clock = clock
        self._events = events
        self._actor = actor
        self._alerts = AlertDesk(stores=stores, clock=clock, events=events, actor=actor)

    def begin(self, retraining: Retraining, pipeline: str) -> None:
        """Acknowledge the alerts that it answers, and tell that it was launched."""
        with self._stores.transactions.transaction():
            for alert_id in self._standing(retraining, {AlertState.OPEN}):
                self._alerts.acknowledge(alert_id, reason=f"Retraining by trigger '{retraining.trigger}'.")
            self._tell("retraining.launched", retraining.trigger, cause=retraining.cause, pipeline=pipeline)

    def decide(
        self, retraining: Retraining, judgement: Judgement, *, champion: str | None, run_id: PipelineRunId | None
    ) -> DecisionRecord:
        """Write the decision, and resolve the alerts unless the run failed.

        Args:
            retraining: What was begun.
            judgement: How it ended.
            champion: `name@version` before it; None without one.
            run_id: The pipeline run; None when it never began.
        """
        now = self._clock.now()
        decision = DecisionRecord(
            id=DecisionId(new_id(int(now.timestamp() * 1000))),
            trigger=retraining.cause,
            outcome=judgement.outcome,
            at=now,
            alert_id=retraining.alerts[0] if retraining.alerts else None,
            pipeline_run_id=run_id,
            challenger=judgement.challenger,
            champion=champion,
            reasons=judgement.reasons,
        )
        facts = {"decision_id": decision.id, "outcome": decision.outcome.value, "challenger": decision.challenger}
        details = {**facts, "champion": champion, "reasons": list(decision.reasons)}
        with self._stores.transactions.transaction():
            self._stores.monitors.append_decision(decision)
            self._stores.audit.append(
                at=now, actor=self._actor, action="retraining.decide", subject=retraining.subject, details=details
            )
            if decision.outcome is not Outcome.FAILED:
                reason = f"Retrained: {decision.outcome} ({decision.challenger or 'no version'})."
                for alert_id in self._standing(retraining, {AlertState.OPEN, AlertState.ACKNOWLEDGED}):
                    self._alerts.resolve(alert_id, reason=reason)
            self._tell("decision.made", decision.id, **facts, trigger=decision.trigger)
        return decision

    def _standing(self, retraining: Retraining, states: Collection[AlertState]) -> list[AlertId]:
        """The alerts that are still in one of these states: a person may have closed some while the pipeline ran."""
        if not retraining.alerts:
            return []
        found = {alert.id: alert.state for alert in self._stores.monitors.list_alerts(limit=_FAR_BACK)}
        return [alert_id for alert_id in retraining.alerts if found.get(alert_id) in states]

    def _tell(self, event_type: str, subject: str, **data: Any) -> None:
        event = Event(type=event_type, subject=subject, at=self._clock.now(), data=data)
        self._events.publish(event, self._stores.transactions)
