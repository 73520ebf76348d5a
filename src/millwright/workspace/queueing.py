"""The queue of runs, as a part of the façade."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from millwright.workspace.closing import Closing

if TYPE_CHECKING:
    from millwright.automation.queue import RunQueue
    from millwright.core.clock import Clock
    from millwright.storage.catalog import Stores


class Queueing(Closing):
    """Something with stores, whose runs can be left to workers.

    Attributes:
        stores: Where the queue is.
        clock: The time.
        actor: Who acts, for the audit log.
    """

    stores: Stores | cached_property[Stores]
    clock: Clock
    actor: str

    @cached_property
    def queue(self) -> RunQueue:
        """Runs that wait for a worker."""
        from millwright.automation.queue import RunQueue

        stores: Stores = self.stores  # type: ignore[assignment]
        return RunQueue(stores=stores, clock=self.clock, actor=self.actor)
