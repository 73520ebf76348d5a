"""Makes attempts, and decides what comes after each."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from millwright.automation.notification.channels import Channel, ChannelError, send
from millwright.automation.notification.channels.channel import Sending
from millwright.automation.notification.digest import make_digest
from millwright.core.errors import MillwrightError
from millwright.core.records.delivery import DeliveryState

if TYPE_CHECKING:
    from millwright.automation.notification.digest import Digest
    from millwright.automation.notification.options import NotificationOptions
    from millwright.core.clock import Clock
    from millwright.core.records.notification import ChannelDeliveryRecord
    from millwright.storage.base.notifications import NotificationStore

logger = logging.getLogger(__name__)

FindChannel = Callable[[str], Channel]
_NOTHING = "Nothing was left to tell: what began had ended before it was told."


class NotificationCourier:
    """Brings notifications to channels.

    Args:
        store: Where they wait.
        clock: The time.
        channel_of: Gives the channel of a name, its secrets filled in; raises a `MillwrightError` when it cannot.
        options: Limits.
    """

    def __init__(
        self, store: NotificationStore, clock: Clock, channel_of: FindChannel, options: NotificationOptions
    ) -> None:
        self._store = store
        self._clock = clock
        self._channel_of = channel_of
        self._options = options

    def attempt(self, delivery: ChannelDeliveryRecord) -> ChannelDeliveryRecord:
        """Send one delivery, and write down what came of it: delivered, due again later, or dead.

        Raises:
            NotFoundError: Its notification is gone, and it with that.
        """
        digest = make_digest(self._store.get(delivery.notification_id), base_url=self._options.base_url)
        if digest is None:
            done = self._ended(delivery, DeliveryState.DELIVERED, _NOTHING)
        else:
            error = self.send(delivery.channel, digest, delivery.id)
            done = self._judged(delivery, error)
        if not self._store.put_attempt(done):
            logger.info("Delivery %s was settled by another process meanwhile", delivery.id)
        return done

    def send(self, channel: str, digest: Digest, delivery_id: str) -> ChannelError | None:
        """Send a digest once.

        Returns:
            Why it was not taken, without secrets; None when it was.
        """
        sending = Sending(delivery_id=delivery_id, now=self._clock.now(), options=self._options.delivery)
        try:
            send(self._channel_of(channel), digest, sending)
        except ChannelError as refused:
            return refused
        except MillwrightError as error:  # the channel or its secret is gone
            return ChannelError(f"{error.message} {error.hint}".strip())
        return None

    def _judged(self, delivery: ChannelDeliveryRecord, error: ChannelError | None) -> ChannelDeliveryRecord:
        if error is None:
            return self._ended(delivery, DeliveryState.DELIVERED, "")
        limits, attempts = self._options.delivery, delivery.attempts + 1
        if attempts >= limits.max_attempts:
            return self._ended(delivery, DeliveryState.DEAD, str(error))
        rest = limits.rest(attempts)
        if error.retry_after_s is not None:
            rest = max(rest, timedelta(seconds=min(error.retry_after_s, limits.longest_backoff_s)))
        return replace(delivery, attempts=attempts, next_try_at=self._clock.now() + rest, last_error=str(error))

    def _ended(self, delivery: ChannelDeliveryRecord, state: DeliveryState, error: str) -> ChannelDeliveryRecord:
        now, attempts = self._clock.now(), delivery.attempts + 1
        return replace(delivery, attempts=attempts, state=state, next_try_at=None, ended_at=now, last_error=error)
