"""Webhooks, and the events that wait for delivery."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from millwright.core.events import Event
    from millwright.core.ids import DeliveryId, WebhookId
    from millwright.core.records.delivery import DeliveryRecord, DeliveryState, EventRecord, WebhookRecord


class DeliveryStore(ABC):
    """The outbox: events written with the changes that they tell of, and one delivery for each webhook that wants one.

    Deliveries of one webhook and one stream are due one after the other: the next becomes due when the one before it
    was delivered or given up. Thread-safe and process-safe; what a call has written is durable when it returns, or when
    the surrounding transaction ends. A record that was returned never changes under its reader.
    """

    @abstractmethod
    def create_webhook(self, record: WebhookRecord) -> None:
        """Add a webhook; it gets events that are written from now on.

        Raises:
            AlreadyExistsError: The id is taken.
        """

    @abstractmethod
    def get_webhook(self, webhook_id: WebhookId) -> WebhookRecord:
        """A webhook.

        Raises:
            NotFoundError: There is none with that id.
        """

    @abstractmethod
    def list_webhooks(self, *, before: WebhookId | None = None, limit: int = 1000) -> list[WebhookRecord]:
        """Webhooks, by id from the newest to the oldest.

        Args:
            before: Only those that come after this one in that order; it may be gone.
            limit: Most of them.
        """

    @abstractmethod
    def update_webhook(self, record: WebhookRecord) -> None:
        """Replace a webhook; deliveries that were written already go to its new address.

        Raises:
            NotFoundError: There is none with that id.
        """

    @abstractmethod
    def delete_webhook(self, webhook_id: WebhookId) -> None:
        """Remove a webhook and all its deliveries, ended or not.

        Raises:
            NotFoundError: There is none with that id.
        """

    @abstractmethod
    def append_event(self, event: Event, topics: Sequence[str]) -> EventRecord:
        """Write an event, and a delivery for each active webhook that asked for one of its topics or for `*`.

        Others who append wait until the surrounding transaction ends, so that `seq` tells the order of commits.

        Args:
            event: What happened; its stream is its subject when it names none.
            topics: The names under which it is known, the first being its own type.

        Raises:
            InvalidInputError: The data hold something else than JSON values.
        """

    @abstractmethod
    def get_event(self, seq: int) -> EventRecord:
        """An event.

        Raises:
            NotFoundError: There is none, or it was purged.
        """

    @abstractmethod
    def list_events(self, *, after_seq: int = 0, limit: int = 1000) -> list[EventRecord]:
        """Events in order; whoever asks again with the last `seq` misses none, whichever process wrote them."""

    @abstractmethod
    def list_due(self, now: datetime, *, limit: int = 100) -> list[DeliveryRecord]:
        """Pending deliveries of active webhooks whose time has come, those that waited longest first."""

    @abstractmethod
    def get_delivery(self, delivery_id: DeliveryId) -> DeliveryRecord:
        """A delivery.

        Raises:
            NotFoundError: There is none with that id.
        """

    @abstractmethod
    def list_deliveries(
        self, *, webhook_id: WebhookId | None = None, state: DeliveryState | None = None, limit: int = 100
    ) -> list[DeliveryRecord]:
        """Deliveries, newest first."""

    @abstractmethod
    def count_deliveries(self) -> Mapping[WebhookId, Mapping[DeliveryState, int]]:
        """How many deliveries each webhook has in each state; those it has none in are left out."""

    @abstractmethod
    def put_attempt(self, record: DeliveryRecord) -> bool:
        """Write down what an attempt came to; when that ended the delivery, the next of its stream becomes due.

        Args:
            record: With `attempts` one more than before, and the new state, times and error.

        Returns:
            False when the delivery has ended, is gone, or someone else made that attempt: nothing was written.
        """

    @abstractmethod
    def retry(self, delivery_id: DeliveryId, at: datetime) -> DeliveryRecord:
        """Make a dead delivery due again, with no attempts made; those that came after it may have arrived by now.

        Raises:
            NotFoundError: There is none with that id.
            StateTransitionError: It is not dead.
        """

    @abstractmethod
    def count_ended(self, before: datetime) -> int:
        """How many events `purge` would remove."""

    @abstractmethod
    def purge(self, before: datetime) -> int:
        """Remove deliveries that ended before a moment, and older events that no delivery names.

        Returns:
            How many events were removed.
        """
