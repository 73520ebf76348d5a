"""Looks at a project's triggers, and puts into the queue what follows."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from millwright.automation.decision import DecisionDesk, Launch, Retraining
from millwright.automation.limits.ledger import Ledger, read_ledger
from millwright.automation.limits.permit import Because, Permits, Refusal
from millwright.automation.queue.queue import Ask, RunQueue
from millwright.automation.retraining.cause import Cause, champion_of, find_cause
from millwright.automation.triggers.answer import answering
from millwright.core.errors import MillwrightError
from millwright.core.ids import new_id
from millwright.core.process import current_owner
from millwright.core.records.schedule import LaunchTarget

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from millwright.automation.policy import RetrainingPolicy
    from millwright.automation.trigger import Trigger
    from millwright.core.clock import Clock
    from millwright.core.events import EventBus
    from millwright.core.records.queue import RunRequest
    from millwright.storage.catalog import Stores

logger = logging.getLogger(__name__)

_TURN = timedelta(minutes=2)  # what looking and queueing may take; the run itself holds no lease
_SAID_AGAIN = timedelta(hours=24)  # a reason that still stands is written down once a day


class RetrainingWatch:
    """Fires a project's triggers; of any number of workers that do so at once, one starts each run.

    Not retraining is a decision, too: it is written down with its reason once per cause and day, not at each look.

    Args:
        stores: Alerts, datasets, versions, queue, audit log, leases.
        clock: The time.
        events: Hears `retraining.launched` and `retraining.skipped`.
        policy: The triggers.
        repeats: Tells that a run with these parameters would train nothing new, or fail as the last one; None when it
            would not, or when that cannot be told. Without it every run is begun that limits allow.
        actor: Who acts, for the audit log.
    """

    def __init__(
        self,
        *,
        stores: Stores,
        clock: Clock,
        events: EventBus,
        policy: RetrainingPolicy,
        repeats: Callable[[Trigger, Mapping[str, Any]], Refusal | None] | None = None,
        actor: str = "automation",
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._policy = policy
        self._repeats = repeats
        self._permits = Permits(stores)
        self._queue = RunQueue(stores=stores, clock=clock, actor=actor)
        self._desk = DecisionDesk(stores=stores, clock=clock, events=events, actor=actor)

    def fire_due(self) -> list[RunRequest]:
        """Look at every trigger once.

        Returns:
            The requests that were added, by this call and no other.
        """
        added: list[RunRequest] = []
        for rule in self._policy.triggers:
            try:
                if (request := self._look(rule)) is not None:
                    added.append(request)
            except MillwrightError:
                # One that somebody wrote wrongly must not hold up the others.
                logger.exception("The trigger '%s' could not be looked at", rule.name)
        return added

    def _look(self, rule: Trigger) -> RunRequest | None:
        now = self._clock.now()
        if find_cause(rule, read_ledger(self._stores.audit, rule.model), self._stores, now=now) is None:
            return None  # without a lease, since most looks find nothing
        retraining = _retraining(rule)
        holder = f"{current_owner()}/{new_id()}"
        if not self._stores.leases.take(retraining.subject, holder, now=now, until=now + _TURN):
            return None
        try:
            ledger = read_ledger(self._stores.audit, rule.model)
            cause = find_cause(rule, ledger, self._stores, now=now)
            if cause is None:  # another worker was faster
                return None
            alerts = tuple(alert.id for alert in cause.alerts)
            retraining = replace(retraining, cause=cause.text, alerts=alerts)
            answer = self._permits.ask(rule.model, rule.limits, now=now, endpoint=rule.endpoint)
            refusal = answer.refusal or self._repetition(rule)
            if refusal is not None:
                self._skip(rule, retraining, refusal, (ledger, cause), now)
                return None
            notes = (cause.note, *answer.notes)
            return self._enqueue(rule, replace(retraining, notes=notes), ledger)
        finally:
            self._stores.leases.release(retraining.subject, holder)

    def _repetition(self, rule: Trigger) -> Refusal | None:
        """Nothing has changed: a run would give a version that is there already, or fail as the last one did."""
        champion = champion_of(self._stores, rule.model, rule.alias)
        return self._repeats(rule, rule.launch_params(champion)) if self._repeats is not None else None

    def _skip(
        self, rule: Trigger, retraining: Retraining, refusal: Refusal, found: tuple[Ledger, Cause], now: datetime
    ) -> None:
        ledger, cause = found
        said = ledger.skips.get((cause.key, refusal.because.value))
        # A run that goes on will be decided about by itself.
        if refusal.because is Because.RUNNING or (said is not None and now < said + _SAID_AGAIN):
            return
        champion = champion_of(self._stores, rule.model, rule.alias)
        known = replace(refusal, notes=(*refusal.notes, cause.note))
        self._desk.skip(retraining, known, cause.key, champion=champion.ref if champion else None)

    def _enqueue(self, rule: Trigger, retraining: Retraining, ledger: Ledger) -> RunRequest:
        champion = champion_of(self._stores, rule.model, rule.alias)
        params = rule.launch_params(champion)
        target = LaunchTarget(
            name=_name(rule.pipeline), pipeline=rule.pipeline, project_dir=rule.project_dir, params=params
        )
        with self._stores.transactions.transaction():
            options = answering(retraining, champion)
            # The number of the last entry: of two that see the same, one is queued, even if a lease ran out.
            key = f"retraining:{rule.model}:{ledger.seq}"
            request = self._queue.enqueue(target, Ask(trigger=retraining.cause, dedup_key=key, options=options))
            self._desk.begin(retraining, Launch(pipeline=rule.pipeline, params=params, run_id=request.id))
        return request


def _retraining(rule: Trigger) -> Retraining:
    return Retraining(
        trigger=rule.name,
        model=rule.model,
        cause="",
        alias=rule.alias,
        canary=rule.canary,
        endpoint=rule.endpoint or "",
        severity=rule.severity,
    )


def _name(pipeline: str) -> str:
    """The pipeline's name as far as its place tells: the function's, else the file's."""
    place, _, name = pipeline.rpartition(":")
    plain = name if place and not set(name) & {"/", "\\"} else ""
    return plain or pipeline.replace("\\", "/").rpartition("/")[2].removesuffix(".py")
