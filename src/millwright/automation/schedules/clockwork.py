"""Puts into the queue what schedules have due."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from millwright.automation.queue.queue import Ask, RunQueue
from millwright.automation.schedules.cron import next_time, times_until
from millwright.core.errors import MillwrightError
from millwright.core.records.schedule import CatchUp

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from millwright.core.clock import Clock
    from millwright.core.records.queue import RunRequest
    from millwright.core.records.schedule import ScheduleRecord
    from millwright.storage.catalog import Stores

logger = logging.getLogger(__name__)

# A time that is seen within this has not been missed: workers look every second or so, and may be busy for a while.
ON_TIME = timedelta(minutes=1)
_ACTOR = "scheduler"


class Clockwork:
    """Fires schedules; of any number of workers that do so at once, one starts each run.

    Args:
        stores: Schedules, queue, audit log.
        clock: The time.
    """

    def __init__(self, *, stores: Stores, clock: Clock) -> None:
        self._stores = stores
        self._clock = clock
        self._queue = RunQueue(stores=stores, clock=clock, actor=_ACTOR)

    def fire_due(self) -> list[RunRequest]:
        """Queue what is due, and move each schedule on to its next time.

        Returns:
            The requests that were added, by this call and no other.
        """
        added: list[RunRequest] = []
        for schedule in self._stores.schedules.list_due(self._clock.now()):
            try:
                added += self._fire(schedule)
            except MillwrightError:
                # One that somebody broke by other means must not hold up the others.
                logger.exception("The schedule '%s' could not be fired", schedule.name)
        return added

    def _fire(self, schedule: ScheduleRecord) -> list[RunRequest]:
        now, seen = self._clock.now(), schedule.next_at
        if seen is None:
            return []
        times = chosen_times(schedule, now)
        following = next_time(schedule.cron, schedule.tz, now)
        last = times[-1] if times else None
        with self._stores.transactions.transaction():
            if not self._stores.schedules.advance(schedule.name, seen=seen, next_at=following, last_at=last):
                return []
            requests = [self._ask(schedule, moment) for moment in times]
            self._stores.audit.append(
                at=now,
                actor=_ACTOR,
                action="schedule.fire" if times else "schedule.skip",
                subject=f"schedule:{schedule.name}",
                details={
                    "times": [moment.isoformat() for moment in times or (seen,)],
                    "runs": [r.id for r in requests],
                },
            )
        return requests

    def _ask(self, schedule: ScheduleRecord, moment: datetime) -> RunRequest:
        cause = f"schedule:{schedule.name}@{moment.isoformat()}"
        return self._queue.enqueue(schedule.target, Ask(trigger=cause, dedup_key=cause))


def chosen_times(schedule: ScheduleRecord, now: datetime) -> Sequence[datetime]:
    """Which of the times that have come start a run, by the schedule's policy; in order."""
    if schedule.next_at is None:
        return ()
    most = schedule.catch_up_limit if schedule.catch_up is CatchUp.ALL else 1
    times = times_until(schedule.cron, schedule.tz, schedule.next_at, now, most=most)
    if schedule.catch_up is CatchUp.NONE:
        return [moment for moment in times if now - moment <= ON_TIME]
    return times
