"""Which process delivers: one at a time, so that the order is kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from millwright.core.ids import new_id
from millwright.core.process import current_owner

if TYPE_CHECKING:
    from millwright.core.clock import Clock
    from millwright.storage.base.leases import LeaseStore

LEASE = "webhook-deliveries"


class DeliveryLease:
    """The right to deliver, extended as long as it is asked for. Not thread-safe.

    Args:
        leases: Where it is kept.
        clock: The time.
        length_s: So long after the death of a process elsewhere the others wait; one on this machine is seen at once.
        name: Which right: each kind of delivery has one.
    """

    def __init__(self, leases: LeaseStore, clock: Clock, length_s: float, *, name: str = LEASE) -> None:
        self._name = name
        self._leases = leases
        self._clock = clock
        self._length = timedelta(seconds=length_s)
        self._holder = f"{current_owner()}/{new_id()[-8:]}"  # two workers of one process are two holders
        self._until: datetime | None = None

    def held(self) -> bool:
        """Whether this process may deliver now; taken, or extended, when it may."""
        now = self._clock.now()
        if self._until is not None and now < self._until - self._length * 2 / 3:
            return True
        until = now + self._length
        held = self._leases.take(self._name, self._holder, now=now, until=until)
        self._until = until if held else None
        return held

    def other(self) -> str | None:
        """Who has it: machine, process and a part that no other has."""
        return self._leases.holder(self._name, now=self._clock.now())

    def give_back(self) -> None:
        """Let another process go on."""
        if self._until is not None:
            self._until = None
            self._leases.release(self._name, self._holder)
