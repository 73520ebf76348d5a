"""What every worker looks after: schedules, triggers, and what others left behind."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from millwright.automation.queue import Sweep
from millwright.automation.schedules import Clockwork
from millwright.automation.triggers import TriggerWatch
from millwright.core.periodic_thread import PeriodicThread

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.automation.triggers import Answers
    from millwright.core.clock import Clock
    from millwright.core.ids import Digest
    from millwright.core.records.schedule import TriggerRecord
    from millwright.storage.catalog import Stores
    from millwright.workspace.worker.options import WorkerOptions

_PATIENCE_S = 10.0


class Duties(PeriodicThread):
    """A thread beside the worker's loop, so that a slow look at some code does not keep runs waiting.

    Every worker does it all: stores see to it that each thing is done once.

    Args:
        stores: Where everything is.
        clock: The time.
        options: How often to look.
        answers: Follows the runs that alerts start.
        code_of: See `TriggerWatch`.
        wake: Called when something was put into the queue.
    """

    def __init__(
        self,
        *,
        stores: Stores,
        clock: Clock,
        options: WorkerOptions,
        answers: Answers,
        code_of: Callable[[TriggerRecord], Digest | None],
        wake: Callable[[], None],
    ) -> None:
        self._clockwork = Clockwork(stores=stores, clock=clock)
        self._triggers = TriggerWatch(stores=stores, clock=clock, answers=answers, code_of=code_of)
        self._sweep = Sweep(
            stores=stores,
            clock=clock,
            ended=answers.end,
            max_attempts=options.max_attempts,
            lost_after=options.lost_after,
        )
        self._options = options
        self._wake = wake
        self._swept_at = float("-inf")
        super().__init__(
            self._perform,
            options.poll_s,
            name="millwright-duties",
            trouble="Schedules and triggers wait",
            at_once=True,
            patience_s=_PATIENCE_S,  # it may be loading a project's code
        )

    def perform(self) -> bool:
        """Do it all once; whether something was put into the queue, or a place in it became free.

        Raises:
            StorageError: The store is away.
        """
        added = [*self._clockwork.fire_due(), *self._triggers.fire_due()]
        swept = []
        if time.monotonic() - self._swept_at >= self._options.lease_s / 2:
            swept = self._sweep.run()
            self._swept_at = time.monotonic()
        return bool(added or swept)

    def _perform(self) -> None:
        if self.perform():
            self._wake()
