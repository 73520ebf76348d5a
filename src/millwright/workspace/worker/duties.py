"""What every worker looks after: schedules, triggers, and what others left behind."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from millwright.automation.queue import Sweep
from millwright.automation.schedules import Clockwork
from millwright.automation.triggers import TriggerWatch
from millwright.core.errors import MillwrightError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from millwright.core.clock import Clock
    from millwright.core.ids import Digest
    from millwright.core.records.schedule import TriggerRecord
    from millwright.storage.catalog import Stores
    from millwright.workspace.worker.options import WorkerOptions

logger = logging.getLogger(__name__)

_PATIENCE_S = 10.0


class Duties:
    """A thread beside the worker's loop, so that a slow look at some code does not keep runs waiting.

    Every worker does it all: stores see to it that each thing is done once.

    Args:
        stores: Where everything is.
        clock: The time.
        options: How often to look.
        code_of: See `TriggerWatch`.
        wake: Called when something was put into the queue.
    """

    def __init__(
        self,
        *,
        stores: Stores,
        clock: Clock,
        options: WorkerOptions,
        code_of: Callable[[TriggerRecord], Digest | None],
        wake: Callable[[], None],
    ) -> None:
        self._clockwork = Clockwork(stores=stores, clock=clock)
        self._triggers = TriggerWatch(stores=stores, clock=clock, code_of=code_of)
        self._sweep = Sweep(
            stores=stores, clock=clock, max_attempts=options.max_attempts, lost_after=options.lost_after
        )
        self._options = options
        self._wake = wake
        self._swept_at = float("-inf")
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="millwright-duties", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join(_PATIENCE_S)  # it may be loading a project's code

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

    def _work(self) -> None:
        while not self._stopped.is_set():
            try:
                if self.perform():
                    self._wake()
            except MillwrightError as error:
                logger.warning("Schedules and triggers wait: %s", error)
            except Exception:
                logger.exception("Schedules and triggers wait")
            self._stopped.wait(self._options.poll_s)
