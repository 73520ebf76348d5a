"""Silences, and notifications on their way to channels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from millwright.core.ids import NotificationId, SilenceId
    from millwright.core.records.delivery import DeliveryState
    from millwright.core.records.notification import ChannelDeliveryRecord, NotificationRecord, SilenceRecord


class NotificationStore(ABC):
    """The outbox of alerts: notifications written with the changes that they tell of, one delivery for each channel.

    Deliveries of one channel and one stream are due one after the other, so that nobody hears of an end before its
    beginning. Thread-safe and process-safe; what a call has written is durable when it returns, or when the surrounding
    transaction ends. A record that was returned never changes under its reader.
    """

    @abstractmethod
    def create_silence(self, record: SilenceRecord) -> None:
        """Add a silence.

        Raises:
            AlreadyExistsError: The id is taken.
        """

    @abstractmethod
    def list_silences(self, *, lasting_at: datetime | None = None, limit: int = 1000) -> list[SilenceRecord]:
        """Silences, those that end last first.

        Args:
            lasting_at: Only those that end after this moment.
            limit: Most of them.
        """

    @abstractmethod
    def end_silence(self, silence_id: SilenceId, *, at: datetime, by: str) -> SilenceRecord:
        """Let a silence end now.

        Raises:
            NotFoundError: There is none with that id.
            StateTransitionError: It has ended.
        """

    @abstractmethod
    def gather(self, record: NotificationRecord) -> NotificationRecord:
        """Add a notification's items to the one that gathers for its stream; without one, write it with its deliveries.

        A notification that is sealed meanwhile by somebody else is not added to: either its deliveries hold the items,
        or a new one does.

        Args:
            record: In the state `gathering`. When its items are added to another one, the rest of it is not used.

        Returns:
            The notification that holds the items now.
        """

    @abstractmethod
    def get(self, notification_id: NotificationId) -> NotificationRecord:
        """A notification.

        Raises:
            NotFoundError: There is none with that id.
        """

    @abstractmethod
    def latest(self, stream: str) -> NotificationRecord | None:
        """The newest notification of a stream; None when there was none."""

    @abstractmethod
    def seal_due(self, now: datetime) -> int:
        """Seal the notifications that are due, whose deliveries become due by that.

        Returns:
            How many were sealed by this call.
        """

    @abstractmethod
    def list_due(self, now: datetime, *, limit: int = 100) -> list[ChannelDeliveryRecord]:
        """Deliveries whose time has come, longest waiting first; of each channel and stream only the earliest."""

    @abstractmethod
    def put_attempt(self, record: ChannelDeliveryRecord) -> bool:
        """Write down what an attempt came to.

        Args:
            record: With `attempts` one more than before, and the new state, times and error.

        Returns:
            False when the delivery has ended, is gone, or someone else made that attempt: nothing was written.
        """

    @abstractmethod
    def list_deliveries(
        self, *, channel: str | None = None, state: DeliveryState | None = None, limit: int = 100
    ) -> list[ChannelDeliveryRecord]:
        """Deliveries, newest first."""

    @abstractmethod
    def count_deliveries(self) -> Mapping[str, Mapping[DeliveryState, int]]:
        """How many deliveries each channel has in each state; those it has none in are left out."""

    @abstractmethod
    def retry(self, channel: str, at: datetime) -> int:
        """Make due what a channel has not taken.

        Those that were given up begin anew, with no attempts made; those that wait for another attempt keep theirs, so
        that one in flight is written once. What still gathers, waits.

        Returns:
            How many.
        """

    @abstractmethod
    def count_ended(self, before: datetime) -> int:
        """How many notifications `purge` would remove."""

    @abstractmethod
    def purge(self, before: datetime) -> int:
        """Remove notifications all of whose deliveries ended before a moment, and silences that ended before it.

        Returns:
            How many notifications were removed.
        """
