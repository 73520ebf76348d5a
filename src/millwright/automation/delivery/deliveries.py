"""Everything about deliveries of one workspace, joined."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from millwright.automation.delivery.courier import Courier
from millwright.automation.delivery.lease import DeliveryLease
from millwright.automation.delivery.outbox import Outbox
from millwright.automation.delivery.webhook import Webhooks
from millwright.automation.delivery.worker import DeliveryWorker
from millwright.core.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.automation.delivery.options import DeliveryOptions
    from millwright.core.clock import Clock
    from millwright.core.events import EventBus
    from millwright.core.records.delivery import DeliveryRecord
    from millwright.storage.catalog import Stores


class Deliveries:
    """Webhooks, what waits for them, and who brings it.

    Args:
        stores: Where all of it is kept.
        clock: The time.
        events: Wakes the worker.
        options: Limits.
    """

    def __init__(self, *, stores: Stores, clock: Clock, events: EventBus, options: DeliveryOptions) -> None:
        self._stores = stores
        self._clock = clock
        self._events = events
        self.options = options
        self.outbox = Outbox(stores.deliveries)
        self.courier = Courier(stores.deliveries, clock, options)

    def webhooks_as(self, actor: str) -> Webhooks:
        """Webhooks, changed in somebody's name."""
        return Webhooks(stores=self._stores, clock=self._clock, actor=actor, options=self.options)

    def worker(self) -> DeliveryWorker:
        """A new worker, not started."""
        return DeliveryWorker(
            store=self._stores.deliveries,
            leases=self._stores.leases,
            courier=self.courier,
            clock=self._clock,
            options=self.options,
        )

    def deliver_once(self) -> list[DeliveryRecord]:
        """Deliver what is due, and leave.

        Returns:
            What each attempt came to.

        Raises:
            ConflictError: Another process is delivering.
        """
        lease = DeliveryLease(self._stores.leases, self._clock, self.options.lease_s)
        if not lease.held():
            raise ConflictError(
                f"Another process delivers already: {lease.other()}.",
                hint="It delivers what is due; there is nothing to do.",
            )
        try:
            return self.courier.deliver_due(lease.held)
        finally:
            lease.give_back()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Deliver in the background as long as the context lasts; at once when this process publishes an event."""
        with self.worker() as worker:
            self._events.subscribe("*", lambda _: worker.wake())
            yield
