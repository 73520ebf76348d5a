"""Retraining: from an alert or new data to a written decision."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from millwright.automation.outcome import Judgement, failed_run, judge
from millwright.automation.policy import LAUNCH, RetrainingPolicy, wait_reason
from millwright.core.errors import ConflictError, NotFoundError, StateTransitionError
from millwright.core.events import Event
from millwright.core.ids import AlertId, DecisionId, PipelineRunId, new_id
from millwright.core.records.monitor import AlertRecord, AlertState, DecisionRecord, Outcome
from millwright.monitoring.alert import AlertDesk, find_alert, unresolved_alerts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.automation.trigger import Trigger
    from millwright.core.clock import Clock
    from millwright.core.events import EventBus
    from millwright.core.records.model import ModelVersionRecord
    from millwright.core.records.pipeline import PipelineRunRecord
    from millwright.storage.catalog import Stores

logger = logging.getLogger(__name__)
_HISTORY = 1000  # entries of one trigger that are looked through: far more than a day's


class PipelineLauncher(Protocol):
    """Runs pipelines; the workspace provides one."""

    def launch(self, pipeline: str, params: Mapping[str, Any], trigger: str) -> PipelineRunRecord:
        """Run a pipeline to its end and give its final record; a failed run may be given or raised.

        Args:
            pipeline: As named in the trigger.
            params: The pipeline's parameters.
            trigger: What started it, for the record: `alert:<id>`, `dataset:<ref>`.
        """
        ...


class VersionResolver(Protocol):
    """Finds versions by what people write; the registry is one."""

    def resolve(self, selector: str) -> ModelVersionRecord:
        """The version of `name@alias`, `name@3` or `name`."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class _Cause:
    """Why a pipeline is run: in words for the record, and the alerts that it answers."""

    text: str
    alerts: tuple[AlertRecord, ...] = ()


class Retrainer:
    """Answers alerts and new data with pipeline runs and decisions.

    Args:
        stores: Alerts, decisions, models, audit log, leases.
        registry: Finds the champion.
        launcher: Runs pipelines.
        clock: Tells when.
        events: Hears `retraining.launched`, `retraining.deferred` and `decision.made`.
        policy: Which triggers there are.
        actor: Who acts, for the audit log.
    """

    def __init__(
        self,
        *,
        stores: Stores,
        registry: VersionResolver,
        launcher: PipelineLauncher,
        clock: Clock,
        events: EventBus,
        policy: RetrainingPolicy,
        actor: str = "automation",
    ) -> None:
        self._stores = stores
        self._registry = registry
        self._launcher = launcher
        self._clock = clock
        self._events = events
        self._policy = policy
        self._actor = actor
        self._desk = AlertDesk(stores=stores, clock=clock, events=events, actor=actor)

    def handle(self, alert: AlertRecord, *, trigger: Trigger | None = None) -> DecisionRecord:
        """Answer an alert: acknowledge it, run the pipeline, write the decision, resolve it.

        The run answers every open alert of the endpoint that the same trigger fires on. When the pipeline fails, the
        alerts stay acknowledged, and handling one again tries again.

        Args:
            alert: An open or acknowledged alert.
            trigger: The rule to follow; the policy's first that fires when None.

        Raises:
            NotFoundError: There is no such alert, or no trigger fires on it.
            StateTransitionError: The alert is resolved.
            ConflictError: The trigger rests, has reached its limit, or another process is running it.
        """
        present = find_alert(self._stores.monitors, alert.id)
        if present.state is AlertState.RESOLVED:
            raise StateTransitionError(f"Alert '{alert.id}' is resolved; there is nothing left to do about it.")
        rule = trigger or self._policy.for_alert(present)
        if rule is None:
            raise NotFoundError(
                f"No trigger fires on {present.kind} alerts of endpoint '{present.endpoint}'.",
                hint="Name a pipeline: mw alerts retrain ALERT --pipeline pipeline.py",
            )
        others = (
            other
            for other in unresolved_alerts(self._stores.monitors, present.endpoint)
            if other.id != present.id and rule.fires_on_alert(other)
        )
        return self._retrain(rule, _Cause(text=f"alert:{present.id}", alerts=(present, *others)))

    def handle_dataset(self, ref: str, *, trigger: Trigger | None = None) -> DecisionRecord:
        """Answer a new dataset version.

        Args:
            ref: `name@version`.
            trigger: The rule to follow; the policy's first that fires when None.

        Raises:
            NotFoundError: No trigger fires on it.
            ConflictError: The trigger rests, has reached its limit, or another process is running it.
        """
        rule = trigger or self._policy.for_dataset(ref.partition("@")[0])
        if rule is None:
            raise NotFoundError(f"No trigger fires on new versions of dataset '{ref.partition('@')[0]}'.")
        return self._retrain(rule, _Cause(text=f"dataset:{ref}"))

    def handle_open(self, endpoint: str | None = None) -> list[DecisionRecord]:
        """Answer every open alert that a trigger fires on and may; the others wait for the next call.

        Meant to be called now and then, so that an alert raised during a cool-down is not forgotten.
        """
        decisions = []
        for alert in reversed(self._stores.monitors.list_alerts(endpoint, open_only=True, limit=_HISTORY)):
            answered = find_alert(self._stores.monitors, alert.id).state is not AlertState.OPEN
            if answered or self._policy.for_alert(alert) is None:
                continue
            try:
                decisions.append(self.handle(alert))
            except ConflictError as deferred:
                self._tell("retraining.deferred", alert.endpoint, alert_id=alert.id, reason=deferred.message)
            except StateTransitionError:
                continue  # another process was faster
        return decisions

    def _retrain(self, rule: Trigger, cause: _Cause) -> DecisionRecord:
        holder, now = new_id(), self._clock.now()
        if not self._stores.leases.acquire(rule.subject, holder, now=now, until=now + self._policy.longest_run):
            raise ConflictError(f"Trigger '{rule.name}' is running in another process.", hint="Wait for its decision.")
        try:
            reason = wait_reason(rule, self._stores.audit.list(subject=rule.subject, limit=_HISTORY), now=now)
            if reason:
                raise ConflictError(reason, hint="Wait, or change the trigger's cooldown or max_per_day.")
            before = self._champion(rule)
            self._launch(rule, cause)
            run_id, judgement = self._run(rule, cause, before)
            return self._decide(rule, cause, before, (run_id, judgement))
        finally:
            self._stores.leases.release(rule.subject, holder)

    def _champion(self, rule: Trigger) -> ModelVersionRecord | None:
        try:
            return self._registry.resolve(f"{rule.model}@{rule.alias}")
        except NotFoundError:
            return None

    def _launch(self, rule: Trigger, cause: _Cause) -> None:
        """Acknowledge the alerts and note the run before it starts, so that a crash counts as a run."""
        with self._stores.transactions.transaction():
            self._audit(LAUNCH, rule, cause=cause.text, pipeline=rule.pipeline, params=dict(rule.params))
            for alert in cause.alerts:
                if alert.state is AlertState.OPEN:
                    self._desk.acknowledge(alert.id, reason=f"Retraining by trigger '{rule.name}'.")
            self._tell("retraining.launched", rule.name, cause=cause.text, pipeline=rule.pipeline)

    def _run(
        self, rule: Trigger, cause: _Cause, before: ModelVersionRecord | None
    ) -> tuple[PipelineRunId | None, Judgement]:
        try:
            run = self._launcher.launch(rule.pipeline, rule.params, cause.text)
        except Exception as error:  # whatever a pipeline raises, the decision must be written
            logger.warning("Retraining by trigger '%s' failed", rule.name, exc_info=True)
            return None, failed_run(error)
        return run.id, judge(run, model=rule.model, before=before, alias=rule.alias, stores=self._stores)

    def _decide(
        self,
        rule: Trigger,
        cause: _Cause,
        before: ModelVersionRecord | None,
        ended: tuple[PipelineRunId | None, Judgement],
    ) -> DecisionRecord:
        run_id, judgement = ended
        now = self._clock.now()
        decision = DecisionRecord(
            id=DecisionId(new_id(int(now.timestamp() * 1000))),
            trigger=cause.text,
            outcome=judgement.outcome,
            at=now,
            alert_id=cause.alerts[0].id if cause.alerts else None,
            pipeline_run_id=run_id,
            challenger=judgement.challenger,
            champion=before.ref if before else None,
            reasons=judgement.reasons,
        )
        facts = {"decision_id": decision.id, "outcome": decision.outcome.value, "challenger": decision.challenger}
        with self._stores.transactions.transaction():
            self._stores.monitors.append_decision(decision)
            self._audit("retraining.decide", rule, **facts, champion=decision.champion, reasons=list(decision.reasons))
            if decision.outcome is not Outcome.FAILED:
                for alert in cause.alerts:
                    self._resolve(alert.id, decision)
            self._tell("decision.made", decision.id, **facts, trigger=decision.trigger)
        return decision

    def _resolve(self, alert_id: AlertId, decision: DecisionRecord) -> None:
        # A person may have closed it while the pipeline ran.
        if find_alert(self._stores.monitors, alert_id).state is not AlertState.RESOLVED:
            self._desk.resolve(
                alert_id, reason=f"Retrained: {decision.outcome} ({decision.challenger or 'no version'})."
            )

    def _audit(self, action: str, rule: Trigger, **details: Any) -> None:
        self._stores.audit.append(
            at=self._clock.now(), actor=self._actor, action=action, subject=rule.subject, details=details
        )

    def _tell(self, event_type: str, subject: str, **data: Any) -> None:
        event = Event(type=event_type, subject=subject, at=self._clock.now(), data=data)
        self._events.publish(event, self._stores.transactions)
