"""Renews the leases of the runs that a worker has."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from millwright.core.errors import NotFoundError
from millwright.core.periodic_thread import PeriodicThread

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from millwright.core.clock import Clock
    from millwright.core.records.queue import RunRequest
    from millwright.storage.catalog import Stores
    from millwright.workspace.worker.slot import Slot

logger = logging.getLogger(__name__)


class Heartbeat(PeriodicThread):
    """Renews leases three times in each one's length, tells the processes, and hears who is to stop.

    A run that another worker has meanwhile is ended here. While the store is away nothing is renewed; the processes
    stop themselves when their lease has ended.

    Args:
        stores: The queue, and the runs.
        clock: The time.
        owner: The worker.
        lease_s: Length of a lease.
        slots: Gives the runs at present; called from the thread.
    """

    def __init__(
        self, *, stores: Stores, clock: Clock, owner: str, lease_s: float, slots: Callable[[], Sequence[Slot]]
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._owner = owner
        self._lease = timedelta(seconds=lease_s)
        self._slots = slots
        super().__init__(self.renew, lease_s / 3, name="millwright-heartbeat", trouble="Leases could not be renewed")

    def renew(self) -> None:
        """Renew all leases once.

        Raises:
            StorageError: The store is away.
        """
        slots = {slot.request.id: slot for slot in self._slots() if not slot.ended.is_set()}
        until = self._clock.now() + self._lease
        kept = {each.id: each for each in self._stores.queue.renew(list(slots), self._owner, until=until)}
        for request_id, slot in slots.items():
            if request_id in kept:
                slot.extend(until)
                self._pass_on(slot, kept[request_id])
            elif not slot.ended.is_set():
                logger.warning("The run %s was taken up by another worker; it is ended here", request_id)
                slot.lost = True
                slot.kill()

    def _pass_on(self, slot: Slot, request: RunRequest) -> None:
        """Somebody wants a run stopped that had no record yet when they asked."""
        if request.cancel_requested_by is None:
            return
        now = self._clock.now()
        slot.cancelled_at = slot.cancelled_at or now
        try:
            self._stores.pipelines.request_cancel(request.id, by=request.cancel_requested_by, at=now)
        except NotFoundError:
            logger.debug("The run %s has no record yet", request.id)
