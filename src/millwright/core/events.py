"""Events: what happened, told to whoever listens, inside one process.

A room emits an event and knows nobody; `workspace` joins listeners to emitters. The fields are those of a CloudEvent.
A listener that raises does not stop the emitter or the others: its error is logged, since what happened has happened.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from millwright.core.ids import EventId, new_id

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """Something that happened.

    Attributes:
        type: Dotted name in the past tense, such as `model.promoted`.
        subject: The id or name of what it happened to.
        at: When, in UTC.
        data: JSON values.
    """

    type: str
    subject: str
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    id: EventId = field(default_factory=lambda: EventId(new_id()))


class EventBus:
    """Carries events to listeners, at once, in the order of subscription. Not thread-safe while subscribing."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, list[Callable[[Event], None]]] = defaultdict(list)

    def subscribe(self, event_type: str, listener: Callable[[Event], None]) -> None:
        """Call `listener` for each event of a type; `*` means every type."""
        self._listeners[event_type].append(listener)

    def emit(self, event: Event) -> None:
        """Tell every listener of the event's type, then those of `*`."""
        for listener in (*self._listeners[event.type], *self._listeners["*"]):
            try:
                listener(event)
            except Exception:
                logger.exception("A listener of %s failed", event.type)
