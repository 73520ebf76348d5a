"""A thread that delivers what is due."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from millwright.automation.delivery.lease import DeliveryLease
from millwright.core.errors import NotFoundError
from millwright.core.records.delivery import DeliveryState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Self

    from millwright.automation.delivery.courier import Courier
    from millwright.automation.delivery.options import DeliveryOptions
    from millwright.core.clock import Clock
    from millwright.core.records.delivery import DeliveryRecord
    from millwright.storage.base.deliveries import DeliveryStore
    from millwright.storage.base.leases import LeaseStore

logger = logging.getLogger(__name__)

_PAGE = 200
_REST_AFTER_ERROR_S = 5.0


class DeliveryWorker:
    """Delivers in the background, as long as the context lasts; of many processes, one at a time.

    Each webhook is called by one thread at a time, so that a slow one holds up nobody else. When the process dies,
    another one takes over as soon as the lease has run out.

    Args:
        store: Where deliveries wait.
        leases: Decides which process delivers.
        courier: Makes the attempts.
        clock: The time.
        options: Limits.
    """

    def __init__(
        self, *, store: DeliveryStore, leases: LeaseStore, courier: Courier, clock: Clock, options: DeliveryOptions
    ) -> None:
        self._store = store
        self._courier = courier
        self._clock = clock
        self._options = options
        self._lease = DeliveryLease(leases, clock, options.lease_s)
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._busy: dict[str, Future[None]] = {}
        self._thread = threading.Thread(target=self._run, name="webhook-deliveries", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the attempts in flight, and let another process go on."""
        self._stop.set()
        self._wake.set()
        self._thread.join(self._options.timeout_s + 1)

    def wake(self) -> None:
        """Look at once: something was written."""
        self._wake.set()

    def _run(self) -> None:
        with ThreadPoolExecutor(self._options.threads, thread_name_prefix="webhook") as pool:
            while not self._stop.is_set():
                rest = self._options.poll_s
                try:
                    if self._lease.held():
                        self._start_due(pool)
                except Exception:
                    # The store may be away for a while; nothing is lost meanwhile.
                    logger.exception("Deliveries rest for %g s", _REST_AFTER_ERROR_S)
                    rest = _REST_AFTER_ERROR_S
                self._wake.wait(rest)
                self._wake.clear()
        try:
            self._lease.give_back()
        except Exception:
            logger.exception("The lease of deliveries could not be given back; it ends by itself")

    def _start_due(self, pool: ThreadPoolExecutor) -> None:
        self._busy = {webhook: future for webhook, future in self._busy.items() if not future.done()}
        by_webhook: dict[str, list[DeliveryRecord]] = {}
        for delivery in self._store.list_due(self._clock.now(), limit=_PAGE):
            if delivery.webhook_id not in self._busy:
                by_webhook.setdefault(delivery.webhook_id, []).append(delivery)
        for webhook, deliveries in by_webhook.items():
            self._busy[webhook] = pool.submit(self._deliver, deliveries)

    def _deliver(self, deliveries: Sequence[DeliveryRecord]) -> None:
        try:
            for delivery in deliveries:
                if self._stop.is_set():
                    return
                # A receiver that is down is asked once, not for each of its streams.
                if self._courier.attempt(delivery).state is DeliveryState.PENDING:
                    return
            self._wake.set()  # more may have become due by this
        except NotFoundError:
            logger.info("A webhook was removed while it was called")
        except Exception:
            logger.exception("A delivery failed for a reason of our own; it is tried again")
            self._stop.wait(_REST_AFTER_ERROR_S)
