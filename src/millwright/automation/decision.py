"""Retrainings as the alerts see them: taken on when one begins, and resolved with the decision that it came to."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from millwright.automation.failure import FailedRetrainings
from millwright.automation.limits.ledger import DECIDE, LAUNCH, SKIP, subject_of
from millwright.automation.limits.permit import Because
from millwright.core.errors import NotFoundError
from millwright.core.events import Event
from millwright.core.ids import AlertId, DecisionId, PipelineRunId, new_id
from millwright.core.records.monitor import AlertState, DecisionRecord, Outcome, Severity
from millwright.monitoring.alert import AlertDesk, unresolved_alerts

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from millwright.automation.limits.permit import Refusal
    from millwright.automation.outcome import Judgement
    from millwright.core.clock import Clock
    from millwright.core.events import EventBus
    from millwright.storage.catalog import Stores

# What leaves the cause as it was: somebody still has to look at it.
_UNSETTLED = frozenset({Outcome.FAILED, Outcome.WAITING, Outcome.CANARY})


@dataclass(frozen=True, kw_only=True, slots=True)
class Retraining:
    """A pipeline run that is to give a model.

    Attributes:
        trigger: The name of what started it.
        model: The registered model that it makes a version of.
        cause: What happened: `alert:<id>`, `dataset:<ref>`, `schedule:<trigger>@<time>`.
        alerts: Those that it answers, the one that started it first.
        alias: The alias in question.
        canary: Whether a challenger that passed its gates is brought in by a canary.
        notes: What spoke for it, sentences for the decision.
        endpoint: Whose channels are told when it fails; empty for one that a person began, who sees it.
        severity: Of the alert that tells it.
    """

    trigger: str
    model: str
    cause: str
    alerts: tuple[AlertId, ...] = ()
    alias: str = "champion"
    canary: bool = False
    notes: tuple[str, ...] = ()
    endpoint: str = ""
    severity: Severity = Severity.WARNING

    @property
    def subject(self) -> str:
        """What it is filed under in the audit log."""
        return subject_of(self.model)


@dataclass(frozen=True, kw_only=True, slots=True)
class Launch:
    """What is run for a retraining.

    Attributes:
        pipeline: As the launcher or the queue is told.
        params: Its parameters.
        run_id: The pipeline run that it becomes; None when that is not known beforehand.
    """

    pipeline: str
    params: Mapping[str, Any] = field(default_factory=dict)
    run_id: PipelineRunId | None = None


class DecisionDesk:
    """Writes down that a retraining begins and what it came to, with all that follows from it.

    Args:
        stores: Alerts, decisions, audit log.
        clock: Tells when.
        events: Hears `retraining.launched`, `retraining.skipped` and `decision.made`, and what becomes of alerts.
        actor: Who acts, for the audit log.
    """

    def __init__(self, *, stores: Stores, clock: Clock, events: EventBus, actor: str) -> None:
        self._stores = stores
        self._clock = clock
        self._events = events
        self._actor = actor
        self._alerts = AlertDesk(stores=stores, clock=clock, events=events, actor=actor)
        self._failures = FailedRetrainings(stores.monitors, self._alerts)

    def begin(self, retraining: Retraining, launch: Launch) -> None:
        """Note the run before it starts, so that a crash counts as a run; acknowledge the alerts that it answers."""
        details = {
            "trigger": retraining.trigger,
            "cause": retraining.cause,
            "pipeline": launch.pipeline,
            "params": dict(launch.params),
            "run": launch.run_id,
        }
        with self._stores.transactions.transaction():
            self._file(LAUNCH, retraining, details)
            for alert_id in self._standing(retraining, {AlertState.OPEN}):
                self._alerts.acknowledge(alert_id, reason=f"Retraining by trigger '{retraining.trigger}'.")
            self._tell("retraining.launched", retraining.trigger, cause=retraining.cause, pipeline=launch.pipeline)

    def skip(self, retraining: Retraining, refusal: Refusal, key: str, *, champion: str | None) -> DecisionRecord:
        """Write down that nothing is trained, and why; alerts stay as they are, but for that of the failure before.

        Args:
            retraining: What was not begun.
            refusal: Why.
            key: The same for the same cause; see `Ledger.skips`.
            champion: `name@version` that stays; None without one.
        """
        reasons = (f"Not retrained: {refusal.text}", *refusal.notes)
        decision = self._record(retraining, Outcome.SKIPPED, reasons, champion=champion)
        details = {
            "trigger": retraining.trigger,
            "cause": key,
            "because": refusal.because.value,
            "decision_id": decision.id,
            "reasons": list(reasons),
            "until": refusal.until.isoformat() if refusal.until else None,
        }
        with self._stores.transactions.transaction():
            self._stores.monitors.append_decision(decision)
            self._file(SKIP, retraining, details)
            if refusal.because is Because.FAILED and retraining.endpoint:
                self._failures.tell(
                    retraining.endpoint,
                    retraining.model,
                    f"none is begun again for now. {refusal.text}",
                    severity=retraining.severity,
                    evidence={"trigger": retraining.trigger, "cause": retraining.cause, "decision_id": decision.id},
                )
            self._tell("retraining.skipped", retraining.trigger, cause=retraining.cause, because=refusal.because.value)
        return decision

    def decide(
        self, retraining: Retraining, judgement: Judgement, *, champion: str | None, run_id: PipelineRunId | None
    ) -> DecisionRecord:
        """Write the decision, and resolve the alerts unless the run failed or somebody still has to act.

        A run that failed by itself raises an alert of its own; the next one that succeeds ends it.

        Args:
            retraining: What was begun.
            judgement: How it ended.
            champion: `name@version` before it; None without one.
            run_id: The pipeline run; None when it never began.
        """
        reasons = (*judgement.reasons, *retraining.notes)
        made = self._record(retraining, judgement.outcome, reasons, champion=champion)
        decision = replace(made, challenger=judgement.challenger, pipeline_run_id=run_id)
        facts = {"decision_id": decision.id, "outcome": decision.outcome.value, "challenger": decision.challenger}
        context = {
            "trigger": retraining.trigger,
            "cause": retraining.cause,
            "alerts": list(retraining.alerts),
            "alias": retraining.alias,
            "canary": retraining.canary,
            "run": run_id,
            **({"plan": dict(judgement.plan)} if judgement.plan is not None else {}),
            **({"by_hand": True} if judgement.by_hand else {}),
        }
        with self._stores.transactions.transaction():
            self._stores.monitors.append_decision(decision)
            self._file(DECIDE, retraining, {**facts, "champion": champion, "reasons": list(reasons), **context})
            if decision.outcome not in _UNSETTLED:
                reason = f"Retrained: {decision.outcome} ({decision.challenger or 'no version'})."
                for alert_id in self._standing(retraining, {AlertState.OPEN, AlertState.ACKNOWLEDGED}):
                    self._alerts.resolve(alert_id, reason=reason)
            if decision.outcome is Outcome.PROMOTED and decision.challenger:
                self._end_succeeded(retraining, decision.challenger)
            if decision.outcome is not Outcome.FAILED:
                self._failures.end(retraining.model, f"A retraining succeeded: {decision.outcome}.")
            elif retraining.endpoint and not judgement.stopped:
                self._failures.tell(
                    retraining.endpoint,
                    retraining.model,
                    " ".join(judgement.reasons),
                    severity=retraining.severity,
                    evidence={"trigger": retraining.trigger, "cause": retraining.cause, "run": run_id, **facts},
                )
            self._tell("decision.made", decision.id, **facts, trigger=decision.trigger)
        return decision

    def _record(
        self, retraining: Retraining, outcome: Outcome, reasons: Sequence[str], *, champion: str | None
    ) -> DecisionRecord:
        now = self._clock.now()
        return DecisionRecord(
            id=DecisionId(new_id(int(now.timestamp() * 1000))),
            trigger=retraining.cause,
            outcome=outcome,
            at=now,
            alert_id=retraining.alerts[0] if retraining.alerts else None,
            champion=champion,
            reasons=tuple(reasons),
        )

    def _standing(self, retraining: Retraining, states: Collection[AlertState]) -> list[AlertId]:
        """The alerts that are still in one of these states: a person may have closed some while the pipeline ran.

        What another monitor of the endpoint found of the same kind and subject is the same thing: it may have been
        found since the run began, and must not start another.
        """
        answered = []
        for alert_id in retraining.alerts:
            with suppress(NotFoundError):  # it is gone
                answered.append(self._stores.monitors.get_alert(alert_id))
        about = {(alert.endpoint, alert.kind, alert.subject) for alert in answered}
        found = {alert.id: alert for alert in answered}
        for endpoint in sorted({alert.endpoint for alert in answered}):
            same = unresolved_alerts(self._stores.monitors, endpoint)
            found |= {alert.id: alert for alert in same if (endpoint, alert.kind, alert.subject) in about}
        return [alert.id for alert in found.values() if alert.state in states]

    def _end_succeeded(self, retraining: Retraining, challenger: str) -> None:
        """At every endpoint that follows the alias: what was found of the version before must not train another."""
        for endpoint in self._stores.endpoints.list():
            if (endpoint.model, endpoint.selector) == (retraining.model, retraining.alias):
                self._alerts.end_succeeded(endpoint.name, challenger)

    def _file(self, action: str, retraining: Retraining, details: Mapping[str, Any]) -> None:
        self._stores.audit.append(
            at=self._clock.now(), actor=self._actor, action=action, subject=retraining.subject, details=details
        )

    def _tell(self, event_type: str, subject: str, **data: Any) -> None:
        event = Event(type=event_type, subject=subject, at=self._clock.now(), data=data)
        self._events.publish(event, self._stores.transactions)
