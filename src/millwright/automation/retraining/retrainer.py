"""Answers an alert or new data at once, in this process: for a person who asks for it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Protocol

from millwright.automation.decision import DecisionDesk, Launch, Retraining
from millwright.automation.limits.permit import Permits
from millwright.automation.outcome import Judgement, failed_run, judge
from millwright.core.errors import ConflictError, NotFoundError, StateTransitionError
from millwright.core.events import Event
from millwright.core.ids import new_id
from millwright.core.process import current_owner
from millwright.core.records.monitor import AlertState
from millwright.monitoring.alert import unresolved_alerts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.automation.policy import RetrainingPolicy
    from millwright.automation.trigger import Trigger
    from millwright.core.clock import Clock
    from millwright.core.events import EventBus
    from millwright.core.ids import AlertId, PipelineRunId
    from millwright.core.records.model import ModelVersionRecord
    from millwright.core.records.monitor import AlertRecord, DecisionRecord
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

    def objections(self, version: ModelVersionRecord, alias: str = ...) -> list[str]:
        """What speaks against a version carrying an alias, in sentences."""
        ...


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
        self._desk = DecisionDesk(stores=stores, clock=clock, events=events, actor=actor)
        self._permits = Permits(stores)

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
        present = self._stores.monitors.get_alert(alert.id)
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
            if other.id != present.id and rule.answers_alert(other)
        )
        alerts = (present.id, *(other.id for other in others))
        return self._retrain(rule, _retraining(rule, f"alert:{present.id}", alerts))

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
        return self._retrain(rule, _retraining(rule, f"dataset:{ref}"))

    def handle_open(self, endpoint: str | None = None) -> list[DecisionRecord]:
        """Answer every open alert that a trigger fires on and may; the others wait for the next call.

        Meant to be called now and then, so that an alert raised during a cool-down is not forgotten.
        """
        decisions = []
        for alert in reversed(self._stores.monitors.list_alerts(endpoint, open_only=True, limit=_HISTORY)):
            answered = self._stores.monitors.get_alert(alert.id).state is not AlertState.OPEN
            if answered or self._policy.for_alert(alert) is None:
                continue
            try:
                decisions.append(self.handle(alert))
            except ConflictError as deferred:
                self._tell("retraining.deferred", alert.endpoint, alert_id=alert.id, reason=deferred.message)
            except StateTransitionError:
                continue  # another process was faster
        return decisions

    def _retrain(self, rule: Trigger, retraining: Retraining) -> DecisionRecord:
        holder, now, subject = f"{current_owner()}/{new_id()}", self._clock.now(), retraining.subject
        if not self._stores.leases.take(subject, holder, now=now, until=now + self._policy.longest_run):
            raise ConflictError(f"{rule.model} is being trained by another process.", hint="Wait for its decision.")
        try:
            refusal = self._permits.ask(rule.model, rule.limits, now=now, by_hand=True).refusal
            if refusal is not None:
                raise ConflictError(refusal.text, hint="Wait, or change what limits it: the settings of [retrain].")
            before = self._champion(rule)
            self._desk.begin(retraining, Launch(pipeline=rule.pipeline, params=rule.launch_params(before)))
            run_id, judgement = self._run(rule, retraining.cause, before)
            return self._desk.decide(retraining, judgement, champion=before.ref if before else None, run_id=run_id)
        finally:
            self._stores.leases.release(subject, holder)

    def _champion(self, rule: Trigger) -> ModelVersionRecord | None:
        try:
            return self._registry.resolve(f"{rule.model}@{rule.alias}")
        except NotFoundError:
            return None

    def _run(
        self, rule: Trigger, cause: str, before: ModelVersionRecord | None
    ) -> tuple[PipelineRunId | None, Judgement]:
        try:
            run = self._launcher.launch(rule.pipeline, rule.launch_params(before), cause)
        except Exception as error:  # whatever a pipeline raises, the decision must be written
            logger.warning("Retraining by trigger '%s' failed", rule.name, exc_info=True)
            return None, failed_run(error)
        judgement = judge(
            run, model=rule.model, before=before, alias=rule.alias, stores=self._stores, registry=self._registry
        )
        return run.id, judgement

    def _tell(self, event_type: str, subject: str, **data: Any) -> None:
        event = Event(type=event_type, subject=subject, at=self._clock.now(), data=data)
        self._events.publish(event, self._stores.transactions)


def _retraining(rule: Trigger, cause: str, alerts: tuple[AlertId, ...] = ()) -> Retraining:
    return Retraining(trigger=rule.name, model=rule.model, cause=cause, alerts=alerts, alias=rule.alias)
