"""Events: what happened, told to whoever listens.

A room publishes an event and knows nobody; `workspace` joins listeners to emitters. An event has a CloudEvent's fields.

- Keepers are called inside the transaction of the change that the event tells of: what they write is committed with the
  change or not at all, and a keeper that raises takes the change back. The outbox is one.
- Listeners are called in this process once the change is durable. One that raises does not stop the emitter or the
  others: its error is logged, since what happened has happened.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from millwright.core.ids import EventId, new_id

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)


class Commits(Protocol):
    """Knows when what a thread has written is durable; `Transactions` does."""

    def after_commit(self, action: Callable[[], None]) -> None:
        """Call something once the open transaction is durable; at once when none is open."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something that happened.

    Attributes:
        type: Dotted name in the past tense, such as `model.promoted`.
        subject: The id or name of what it happened to.
        at: When, in UTC.
        data: JSON values.
        stream: Events of one stream reach each webhook in order, such as all those of one model: `models/delay`. The
            subject when empty.
    """

    type: str
    subject: str
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    id: EventId = field(default_factory=lambda: EventId(new_id()))
    stream: str = ""


class EventBus:
    """Carries events to listeners, at once, in the order of subscription. Not thread-safe while subscribing."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, list[Callable[[Event], None]]] = defaultdict(list)
        self._keepers: list[Callable[[Event], None]] = []

    def subscribe(self, event_type: str, listener: Callable[[Event], None]) -> None:
        """Call `listener` for each event of a type; `*` means every type."""
        self._listeners[event_type].append(listener)

    def keep(self, keeper: Callable[[Event], None]) -> None:
        """Call `keeper` for each event that is published, inside the transaction of what it tells of."""
        self._keepers.append(keeper)

    def publish(self, event: Event, commits: Commits) -> None:
        """Let the keepers write the event with the change that it tells of, and tell the listeners after the commit.

        To be called last inside a transaction: keepers make others wait who publish, until it ends.

        Raises:
            MillwrightError: A keeper cannot write it; the change must be taken back.
        """
        for keeper in self._keepers:
            keeper(event)
        commits.after_commit(lambda: self.emit(event))

    def emit(self, event: Event) -> None:
        """Tell every listener of the event's type, then those of `*`; no keeper hears of it."""
        for listener in (*self._listeners[event.type], *self._listeners["*"]):
            try:
                listener(event)
            except Exception:
                logger.exception("A listener of %s failed", event.type)
