"""Looks at what triggers listen to, and puts into the queue what follows."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from millwright.automation.queue.queue import Ask, RunQueue
from millwright.automation.triggers.position import AlertPosition
from millwright.core.errors import MillwrightError, NotFoundError
from millwright.core.records.monitor import AlertRecord, AlertState
from millwright.core.records.schedule import TriggerKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from millwright.automation.triggers.answer import Answers
    from millwright.core.clock import Clock
    from millwright.core.ids import Digest
    from millwright.core.records.dataset import DatasetVersionRecord
    from millwright.core.records.queue import RunRequest
    from millwright.core.records.schedule import TriggerRecord
    from millwright.storage.catalog import Stores

logger = logging.getLogger(__name__)

_ACTOR = "trigger"
_MOST_ALERTS = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What a look at one trigger's subject gave.

    Attributes:
        position: How far it has looked now.
        cause: What starts a run, for the record; None when nothing does.
        dedup_key: The same for the same cause.
        alerts: Those that the run answers.
    """

    position: str
    cause: str | None = None
    dedup_key: str = ""
    alerts: tuple[AlertRecord, ...] = ()


class TriggerWatch:
    """Fires triggers; of any number of workers that do so at once, one starts each run.

    Several things that happened since the last look start one run: it sees the newest of them.

    Args:
        stores: Triggers, datasets, alerts, queue, audit log.
        clock: The time.
        answers: Told of alerts that start a run.
        code_of: Gives the digest of the code that a pipeline's steps reach; None when this machine cannot tell.
    """

    def __init__(
        self, *, stores: Stores, clock: Clock, answers: Answers, code_of: Callable[[TriggerRecord], Digest | None]
    ) -> None:
        self._stores = stores
        self._answers = answers
        self._clock = clock
        self._code_of = code_of
        self._queue = RunQueue(stores=stores, clock=clock, actor=_ACTOR)

    def fire_due(self) -> list[RunRequest]:
        """Look at every active trigger once.

        Returns:
            The requests that were added, by this call and no other.
        """
        added: list[RunRequest] = []
        for trigger in self._stores.triggers.list_triggers(active_only=True):
            if self._rests(trigger, self._clock.now()):
                continue
            try:
                look = self._look(trigger)
                if look is not None and (request := self._go_on(trigger, look)) is not None:
                    added.append(request)
            except MillwrightError:
                # One that somebody broke by other means must not hold up the others.
                logger.exception("The trigger '%s' could not be looked at", trigger.name)
        return added

    @staticmethod
    def _rests(trigger: TriggerRecord, now: datetime) -> bool:
        return trigger.fired_at is not None and now - trigger.fired_at < timedelta(seconds=trigger.cooldown_s)

    def _look(self, trigger: TriggerRecord) -> Look | None:
        """What is new; None when nothing is."""
        if trigger.kind is TriggerKind.DATASET:
            return self._dataset(trigger)
        if trigger.kind is TriggerKind.ALERT:
            return self._alert(trigger)
        return self._code(trigger) if trigger.kind is TriggerKind.CODE else None

    def _go_on(self, trigger: TriggerRecord, look: Look) -> RunRequest | None:
        with self._answers.turn(trigger, look.alerts) as may:
            return self._fire(trigger, look) if may else None  # what waits is looked at again

    def _fire(self, trigger: TriggerRecord, look: Look) -> RunRequest | None:
        now = self._clock.now()
        fired_at = None if look.cause is None else now
        with self._stores.transactions.transaction():
            if not self._stores.triggers.move(
                trigger.name, seen=trigger.position, position=look.position, fired_at=fired_at
            ):
                return None
            if look.cause is None:
                return None
            options = self._answers.options(trigger, look.alerts)
            key = f"trigger:{trigger.name}:{look.dedup_key}"
            request = self._queue.enqueue(trigger.target, Ask(trigger=look.cause, dedup_key=key, options=options))
            note_fire(self._stores, trigger, now, look.cause, request)
            self._answers.begin(request)
        return request

    def _dataset(self, trigger: TriggerRecord) -> Look | None:
        try:
            newest = self._stores.datasets.get_version(trigger.subject)
        except NotFoundError:
            return None
        seen = int(trigger.position or 0)
        if newest.version <= seen:
            return None
        position = str(newest.version)
        new = [each for each in self._stores.datasets.list_versions(trigger.subject) if each.version > seen]
        if all(self._is_own(trigger, each) for each in new):  # it would run itself for ever
            return Look(position=position)
        cause = f"dataset:{trigger.subject}@{newest.version}"
        return Look(position=position, cause=cause, dedup_key=cause)

    def _is_own(self, trigger: TriggerRecord, version: DatasetVersionRecord) -> bool:
        """Whether a run of the trigger's own pipeline wrote a version."""
        if version.produced_by is None:
            return False
        try:
            step = self._stores.pipelines.get_step_run(version.produced_by)
            run = self._stores.pipelines.get_pipeline_run(step.pipeline_run_id)
        except NotFoundError:
            return False
        return run.pipeline == trigger.target.name

    def _alert(self, trigger: TriggerRecord) -> Look | None:
        position = AlertPosition.read(trigger.position)
        alerts = self._stores.monitors.list_alerts(limit=_MOST_ALERTS)
        unseen = position.unseen(alerts)
        if not unseen:
            return None
        served = {endpoint.name: endpoint.model for endpoint in self._stores.endpoints.list()}
        fitting = [alert for alert in unseen if _fits(trigger, alert, served.get(alert.endpoint))]
        following = position.after(alerts).text()
        if not fitting:
            return Look(position=following)
        cause = f"alert:{fitting[0].id}"
        return Look(position=following, cause=cause, dedup_key=cause, alerts=tuple(fitting))

    def _code(self, trigger: TriggerRecord) -> Look | None:
        digest = self._code_of(trigger)
        if digest is None or digest == trigger.position:
            return None
        if not trigger.position:  # registered where nobody could tell
            return Look(position=digest)
        # The same change can come again, once it was taken back: only the moment tells the two apart.
        key = f"code:{digest}@{self._clock.now().isoformat()}"
        return Look(position=digest, cause=f"code:{digest[:16]}", dedup_key=key)


def _fits(trigger: TriggerRecord, alert: AlertRecord, model: str | None) -> bool:
    if alert.state is AlertState.RESOLVED:  # such as by a retraining that answered what another monitor found
        return False
    return trigger.subject in {alert.endpoint, model} and (not trigger.only or alert.kind in trigger.only)


def note_fire(stores: Stores, trigger: TriggerRecord, at: datetime, cause: str, request: RunRequest) -> None:
    """Write into the audit log that a trigger started a run."""
    stores.audit.append(
        at=at,
        actor=_ACTOR,
        action="trigger.fire",
        subject=f"trigger:{trigger.name}",
        details={"cause": cause, "run": request.id},
    )
