"""Queued runs that answer something: what they came to is decided and written down as any retraining's."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from millwright.automation.decision import DecisionDesk, Launch, Retraining
from millwright.automation.limits.ledger import read_ledger
from millwright.automation.limits.limits import Limits
from millwright.automation.limits.permit import Because, Permits
from millwright.automation.outcome import Judgement, judge
from millwright.automation.queue.closing import find_run
from millwright.automation.trigger import WORTH_RETRAINING
from millwright.core.errors import NotFoundError
from millwright.core.ids import AlertId, new_id
from millwright.core.process import current_owner
from millwright.core.records.monitor import Outcome, Severity
from millwright.core.records.queue import ANSWERS, RequestState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from millwright.automation.outcome import Objector
    from millwright.core.clock import Clock
    from millwright.core.events import EventBus
    from millwright.core.records.model import ModelVersionRecord
    from millwright.core.records.monitor import AlertRecord, DecisionRecord
    from millwright.core.records.queue import RunRequest
    from millwright.core.records.schedule import TriggerRecord
    from millwright.storage.catalog import Stores

_ALIAS = "champion"
_TURN = timedelta(minutes=2)


class Answers:
    """Follows runs from what started them to the decision.

    Alerts of drift and lost performance count; a pipeline that is started by others may do with them what it likes.

    Args:
        stores: Alerts, models, runs, decisions, audit log.
        clock: Tells when.
        events: Hears `retraining.launched`, `retraining.skipped` and `decision.made`.
        limits: Within which bounds alerts start runs; beside a trigger's own cool-down.
        registry: Tells whether a challenger has to be approved; without it, nobody asks.
        actor: Who acts, for the audit log.
    """

    def __init__(
        self,
        *,
        stores: Stores,
        clock: Clock,
        events: EventBus,
        limits: Limits | None = None,
        registry: Objector | None = None,
        actor: str = "trigger",
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._limits = limits or Limits(cooldown=timedelta(0))
        self._registry = registry
        self._permits = Permits(stores)
        self._desk = DecisionDesk(stores=stores, clock=clock, events=events, actor=actor)

    @contextmanager
    def turn(self, trigger: TriggerRecord, alerts: Sequence[AlertRecord]) -> Iterator[bool]:
        """Whether a trigger may start a run for alerts now; nobody else starts one of the model meanwhile.

        Why not is written down once per cause, as any retraining's that is not begun.
        """
        retraining = self._retraining(trigger, alerts)
        if retraining is None:
            yield True
            return
        holder, now = f"{current_owner()}/{new_id()}", self._clock.now()
        if not self._stores.leases.take(retraining.subject, holder, now=now, until=now + _TURN):
            yield False
            return
        try:
            yield self._may(retraining, alerts)
        finally:
            self._stores.leases.release(retraining.subject, holder)

    def options(self, trigger: TriggerRecord, alerts: Sequence[AlertRecord]) -> dict[str, Any]:
        """What the request of a run is to remember for its end.

        Args:
            trigger: What fires.
            alerts: Those that the run answers.

        Returns:
            Options of the request; none when there is nothing to decide.
        """
        retraining = self._retraining(trigger, alerts)
        if retraining is None:
            return {}
        holder = self._stores.models.find_alias(retraining.model, retraining.alias)
        champion = self._version(retraining.model, holder.version if holder is not None else None)
        return answering(retraining, champion)

    def begin(self, request: RunRequest) -> None:
        """Note the retraining and take its alerts on, at the end of the transaction that queues the run."""
        retraining = _told(request)
        if retraining is not None:
            self._desk.begin(retraining, Launch(pipeline=request.pipeline, params=request.params, run_id=request.id))

    def end(self, request: RunRequest) -> DecisionRecord | None:
        """Write down what a run came to, at the end of the transaction that ends its request.

        Returns:
            The decision; None when the run is no retraining.
        """
        retraining = _told(request)
        if retraining is None:
            return None
        run = find_run(self._stores, request.id)
        before = self._version(retraining.model, request.options[ANSWERS]["champion"])
        if run is None:
            sentence = f"The pipeline could not be run: {request.error or 'no reason given'}"
            stopped = request.state is RequestState.CANCELLED or request.cancel_requested_by is not None
            judgement = Judgement(outcome=Outcome.FAILED, reasons=(sentence,), stopped=stopped)
        else:
            judgement = judge(
                run,
                model=retraining.model,
                before=before,
                alias=retraining.alias,
                stores=self._stores,
                registry=self._registry,
                canary=retraining.canary,
            )
        return self._desk.decide(
            retraining, judgement, champion=before.ref if before else None, run_id=run.id if run else None
        )

    def _may(self, retraining: Retraining, alerts: Sequence[AlertRecord]) -> bool:
        now, model = self._clock.now(), retraining.model
        endpoint = alerts[0].endpoint
        refusal = self._permits.ask(model, self._limits, now=now, endpoint=endpoint).refusal
        if refusal is None:
            return True
        key = f"trigger:{retraining.trigger}"
        said = (key, refusal.because.value) in read_ledger(self._stores.audit, model).skips
        if refusal.because is not Because.RUNNING and not said:
            holder = self._stores.models.find_alias(model, retraining.alias)
            self._desk.skip(retraining, refusal, key, champion=f"{model}@{holder.version}" if holder else None)
        return False

    def _retraining(self, trigger: TriggerRecord, alerts: Sequence[AlertRecord]) -> Retraining | None:
        worthy = [alert for alert in alerts if alert.kind in WORTH_RETRAINING]
        if not worthy:
            return None
        endpoint = self._stores.endpoints.find(worthy[0].endpoint)
        return Retraining(
            trigger=trigger.name,
            model=endpoint.model if endpoint is not None else worthy[0].endpoint,
            cause=f"alert:{worthy[0].id}",
            alerts=tuple(alert.id for alert in worthy),
            alias=_ALIAS,
            endpoint=worthy[0].endpoint,
        )

    def _version(self, model: str, number: int | None) -> ModelVersionRecord | None:
        try:
            return self._stores.models.get_version(model, number) if number is not None else None
        except NotFoundError:  # removed meanwhile
            return None


def answering(retraining: Retraining, champion: ModelVersionRecord | None) -> dict[str, Any]:
    """What a request is to remember of its retraining: options of the request, JSON values."""
    told = {
        "trigger": retraining.trigger,
        "alerts": list(retraining.alerts),
        "model": retraining.model,
        "alias": retraining.alias,
        "canary": retraining.canary,
        "notes": list(retraining.notes),
        "endpoint": retraining.endpoint,
        "severity": retraining.severity.value,
        "champion": champion.version if champion is not None else None,
    }
    return {ANSWERS: told}


def _told(request: RunRequest) -> Retraining | None:
    told = request.options.get(ANSWERS)
    if told is None:
        return None
    return Retraining(
        trigger=told["trigger"],
        model=told["model"],
        cause=request.trigger,
        alerts=tuple(AlertId(each) for each in told["alerts"]),
        alias=told.get("alias", _ALIAS),
        canary=bool(told.get("canary")),
        notes=tuple(told.get("notes", ())),
        endpoint=told.get("endpoint", ""),
        severity=Severity(told.get("severity", Severity.WARNING)),
    )
