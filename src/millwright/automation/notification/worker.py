"""Tells and delivers what is due, round by round."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from millwright.automation.delivery.lease import DeliveryLease
from millwright.automation.notification.options import LEASE
from millwright.core.errors import NotFoundError
from millwright.core.records.delivery import DeliveryState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from millwright.automation.notification.courier import NotificationCourier
    from millwright.automation.notification.options import NotificationOptions
    from millwright.automation.notification.teller import Teller
    from millwright.core.clock import Clock
    from millwright.core.records.notification import ChannelDeliveryRecord
    from millwright.storage.catalog import Stores

logger = logging.getLogger(__name__)

_PAGE = 200


class NotificationWorker:
    """Does one round at each `step`; of many processes, one at a time.

    Each channel is called by one thread at a time, and has a thread of its own: one that is slow or dead holds up
    nobody else. When the process dies, another takes over as soon as the lease has run out.

    Args:
        stores: Where notifications wait, and the lease.
        teller: Tells what time has made due.
        courier: Makes the attempts.
        clock: The time.
        options: Limits.
        channels: How many there are.
    """

    def __init__(
        self,
        *,
        stores: Stores,
        teller: Teller,
        courier: NotificationCourier,
        clock: Clock,
        options: NotificationOptions,
        channels: int,
    ) -> None:
        self._store = stores.notifications
        self._teller = teller
        self._courier = courier
        self._clock = clock
        self._options = options
        self._lease = DeliveryLease(stores.leases, clock, options.delivery.lease_s, name=LEASE)
        self._pool = ThreadPoolExecutor(max(1, channels), thread_name_prefix="alert-channel")
        self._busy: dict[str, Future[int]] = {}
        self._stop = threading.Event()
        self._told_at = float("-inf")
        self._turn = threading.Lock()

    def step(self) -> bool:
        """Tell what is due, and have what is due delivered; never waits for a channel.

        Returns:
            Whether this process is the one that delivers at present.

        Raises:
            StorageError: The store is away; nothing is lost meanwhile.
        """
        with self._turn:
            if self._stop.is_set() or not self._lease.held():
                return False
            if time.monotonic() - self._told_at >= self._options.tell_s:
                self._teller.tell_due()
                self._told_at = time.monotonic()
            self._store.seal_due(self._clock.now())
            self._start_due()
            return True

    def deliver_once(self) -> list[ChannelDeliveryRecord] | None:
        """Tell what is due, make one attempt of every delivery that is due, and wait for what comes of them.

        Returns:
            What the attempts came to; None when another process delivers.
        """
        with self._turn:
            if not self._lease.held():
                return None
            self._teller.tell_due()
            self._store.seal_due(self._clock.now())
            done: list[ChannelDeliveryRecord] = []
            tried: set[str] = set()
            while True:
                due = self._store.list_due(self._clock.now(), limit=_PAGE)
                due = [each for each in due if each.id not in tried]
                if not due:
                    return done
                tried |= {each.id for each in due}
                wait([self._pool.submit(self._deliver, theirs, done.append) for theirs in _by_channel(due).values()])

    def close(self) -> None:
        """Finish the attempts in flight, and let another process go on."""
        self._stop.set()
        with self._turn:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._lease.give_back()

    def _start_due(self) -> None:
        self._busy = {channel: future for channel, future in self._busy.items() if not future.done()}
        due = [each for each in self._store.list_due(self._clock.now(), limit=_PAGE) if each.channel not in self._busy]
        for channel, theirs in _by_channel(due).items():
            self._busy[channel] = self._pool.submit(self._deliver, theirs, _log)

    def _deliver(
        self, deliveries: Sequence[ChannelDeliveryRecord], tell: Callable[[ChannelDeliveryRecord], None]
    ) -> int:
        """Deliver one after the other, until one fails: a receiver that is down is asked once in a round.

        Args:
            deliveries: Of one channel.
            tell: Told what came of each attempt.

        Returns:
            How many attempts came to an end.
        """
        count = 0
        for delivery in deliveries:
            if self._stop.is_set():
                break
            try:
                done = self._courier.attempt(delivery)
            except NotFoundError:
                logger.info("A notification was removed while it was delivered")
                continue
            except Exception:
                logger.exception("A delivery failed for a reason of our own; it is tried again")
                break
            tell(done)
            count += 1
            if done.state is DeliveryState.PENDING:
                break
        return count


def _log(done: ChannelDeliveryRecord) -> None:
    """What nobody waits for, for the log: failures."""
    if done.state is DeliveryState.DEAD:
        logger.error("Delivery %s to %s is given up: %s", done.id, done.channel, done.last_error)
    elif done.state is DeliveryState.PENDING:
        logger.warning("Delivery %s to %s failed: %s", done.id, done.channel, done.last_error)


def _by_channel(due: Sequence[ChannelDeliveryRecord]) -> dict[str, list[ChannelDeliveryRecord]]:
    found: dict[str, list[ChannelDeliveryRecord]] = {}
    for delivery in due:
        found.setdefault(delivery.channel, []).append(delivery)
    return found
