"""Makes attempts, and decides what comes after each."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from millwright.automation.delivery.address import ForbiddenAddressError
from millwright.automation.delivery.message import build_message
from millwright.automation.delivery.options import DeliveryOptions
from millwright.automation.delivery.transport import Reply, post
from millwright.core.errors import MillwrightError
from millwright.core.records.delivery import DeliveryState

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.clock import Clock
    from millwright.core.records.delivery import DeliveryRecord
    from millwright.storage.base.deliveries import DeliveryStore

logger = logging.getLogger(__name__)

_PAGE = 100
_TOLD_CHARACTERS = 300  # of an answer that refuses


class Courier:
    """Brings deliveries to webhooks.

    Args:
        store: Where they wait.
        clock: The time, for what is due and what is signed.
        options: Limits.
    """

    def __init__(self, store: DeliveryStore, clock: Clock, options: DeliveryOptions | None = None) -> None:
        self._store = store
        self._clock = clock
        self._options = options or DeliveryOptions()

    def attempt(self, delivery: DeliveryRecord) -> DeliveryRecord:
        """Send one delivery, and write down what came of it: delivered, due again later, or dead.

        Raises:
            NotFoundError: Its webhook or event is gone, and it with them.
        """
        webhook = self._store.get_webhook(delivery.webhook_id)
        event = self._store.get_event(delivery.event_seq)
        message = build_message(webhook, event, topic=delivery.topic, delivery_id=delivery.id, now=self._clock.now())
        reply, error = None, ""
        try:
            reply = post(webhook.url, message, self._options)
        except MillwrightError as refused:
            error = refused.message
        except ForbiddenAddressError as forbidden:
            error = f"Refused: {forbidden}"
        except OSError as broken:
            error = f"Cannot reach {webhook.url}: {broken}."
        done = self._judged(delivery, reply, error)
        if not self._store.put_attempt(done):
            logger.info("Delivery %s was settled by another process meanwhile", delivery.id)
        elif done.state is DeliveryState.DEAD:
            logger.error("Delivery %s to %s is given up: %s", delivery.id, webhook.name, done.last_error)
        return done

    def deliver_due(self, may_go_on: Callable[[], bool] = lambda: True) -> list[DeliveryRecord]:
        """Make one attempt of everything that is due, and of what becomes due by that, one after the other.

        Args:
            may_go_on: Asked before each attempt; False ends it.

        Returns:
            What each attempt came to.
        """
        done: list[DeliveryRecord] = []
        tried: set[tuple[str, int]] = set()
        while True:
            due = [each for each in self._store.list_due(self._clock.now(), limit=_PAGE) if _key(each) not in tried]
            if not due:
                return done
            for delivery in due:
                if not may_go_on():
                    return done
                tried.add(_key(delivery))
                done.append(self.attempt(delivery))

    def _judged(self, delivery: DeliveryRecord, reply: Reply | None, error: str) -> DeliveryRecord:
        now = self._clock.now()
        tried = replace(
            delivery,
            attempts=delivery.attempts + 1,
            status_code=reply.status if reply else None,
            next_try_at=None,
            ended_at=now,
            last_error="",
        )
        if reply is not None and 200 <= reply.status < 300:
            return replace(tried, state=DeliveryState.DELIVERED)
        tried = replace(tried, last_error=error or refusal_text(reply))
        if tried.attempts >= self._options.max_attempts:
            return replace(tried, state=DeliveryState.DEAD)
        rest = self._options.rest(tried.attempts)
        if reply is not None and reply.retry_after_s is not None:
            asked = min(reply.retry_after_s, self._options.longest_backoff_s)
            rest = max(rest, timedelta(seconds=asked))
        return replace(tried, next_try_at=now + rest, ended_at=None)


def refusal_text(reply: Reply | None) -> str:
    """What a receiver's refusal says, in one line."""
    if reply is None:
        return "There was no answer."
    if 300 <= reply.status < 400:
        return f"The receiver answered {reply.status}; redirects are not followed."
    said = " ".join(reply.body[:_TOLD_CHARACTERS].split())
    return f"The receiver answered {reply.status}" + (f": {said}" if said else ".")


def _key(delivery: DeliveryRecord) -> tuple[str, int]:
    return delivery.id, delivery.attempts
