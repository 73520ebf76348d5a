"""What waits to be delivered to a channel: how much, until when, and for what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from millwright.core.records.delivery import DeliveryState

if TYPE_CHECKING:
    from millwright.storage.base import NotificationStore

_MOST = 1000  # deliveries of one channel that are looked at: who has more waiting has another trouble


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """Deliveries of one channel that have not ended.

    Attributes:
        gathering: How many belong to notifications that still gather what concerns them.
        resting: How many rest after an attempt that failed, or until the moment that the receiver asked for.
        behind: How many are due, but for earlier ones of the same stream that have not arrived.
        due: How many would be tried now.
        next_try_at: When the first of those that rest is tried; None without any.
        attempts: The most that were made for one that waits.
    """

    gathering: int = 0
    resting: int = 0
    behind: int = 0
    due: int = 0
    next_try_at: datetime | None = None
    attempts: int = 0

    @property
    def text(self) -> str:
        """All of it in one line; empty when nothing waits.

        >>> Waiting(due=2, gathering=1).text
        '2 due, 1 gathers'
        """
        again = self.next_try_at.astimezone().strftime("%d %b %H:%M:%S") if self.next_try_at is not None else ""
        rest = "rests" if self.resting == 1 else "rest"
        gather = "gathers" if self.gathering == 1 else "gather"
        told = (
            (self.due, f"{self.due} due"),
            (self.resting, f"{self.resting} {rest} until {again} after {self.attempts} failed"),
            (self.behind, f"{self.behind} behind earlier ones"),
            (self.gathering, f"{self.gathering} {gather}"),
        )
        return ", ".join(text for count, text in told if count)


def waiting(store: NotificationStore, channel: str, now: datetime) -> Waiting:
    """What waits for a channel.

    Args:
        store: Where deliveries are.
        channel: Its name.
        now: The present.
    """
    found = store.list_deliveries(channel=channel, state=DeliveryState.PENDING, limit=_MOST)[::-1]
    gathering = [each for each in found if each.next_try_at is None]
    first = {each.id for each in {each.stream: each for each in reversed(found)}.values()}
    resting = [each for each in found if each.next_try_at is not None and each.next_try_at > now]
    ready = [each for each in found if each.next_try_at is not None and each.next_try_at <= now]
    return Waiting(
        gathering=len(gathering),
        resting=len(resting),
        behind=sum(each.id not in first for each in ready),
        due=sum(each.id in first for each in ready),
        next_try_at=min((each.next_try_at for each in resting if each.next_try_at), default=None),
        attempts=max((each.attempts for each in found), default=0),
    )
