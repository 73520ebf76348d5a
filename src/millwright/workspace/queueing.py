"""The queue of runs, as a part of the façade."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from millwright.workspace.closing import Closing

if TYPE_CHECKING:
    from millwright.automation.queue import RunQueue
    from millwright.core.clock import Clock
    from millwright.storage.catalog import Stores


class _Facade(Protocol):
    clock: Clock
    actor: str

    @property
    def stores(self) -> Stores: ...


class Queueing(Closing):
    """Something with stores, a clock and an actor, whose runs can be left to workers."""

    @cached_property
    def queue(self: _Facade) -> RunQueue:
        """Runs that wait for a worker."""
        from millwright.automation.queue import RunQueue

        return RunQueue(stores=self.stores, clock=self.clock, actor=self.actor)
