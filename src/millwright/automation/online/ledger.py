"""When learning was held and taken up again: kept in the audit log, where it belongs anyway."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from millwright.automation.online.stream import Position
from millwright.core.events import Event

if TYPE_CHECKING:
    from millwright.automation.online.declaration import OnlineLearning
    from millwright.core.clock import Clock
    from millwright.core.events import EventBus
    from millwright.storage.catalog import Stores

HELD, RESUMED = "online.hold", "online.resume"
_EVENTS = {HELD: "online.rolled_back", RESUMED: "online.resumed"}


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """The latest that was written of one learner.

    Attributes:
        is_held: Whether it answers and is scored, but does not learn.
        position: Nothing up to here is learnt any more; None when nothing was ever held.
        reason: In a sentence.
    """

    is_held: bool = False
    position: Position | None = None
    reason: str = ""


class Ledger:
    """Writes and reads what was decided about one learner.

    Args:
        declaration: Which.
        stores: Where the audit log is.
        clock: Tells when.
        events: Hears `online.rolled_back` and `online.resumed`.
        actor: Who acts.
    """

    def __init__(
        self, declaration: OnlineLearning, *, stores: Stores, clock: Clock, events: EventBus, actor: str
    ) -> None:
        self._declaration = declaration
        self._stores = stores
        self._clock = clock
        self._events = events
        self._actor = actor

    def latest(self) -> LedgerEntry:
        """What was written last."""
        for event in self._stores.audit.list(subject=self._declaration.subject, limit=1):
            position = Position.from_json(event.details["position"])
            return LedgerEntry(event.action == HELD, position, event.details["reason"])
        return LedgerEntry()

    def write(self, action: str, position: Position, reason: str, **details: Any) -> None:
        """Note `HELD` or `RESUMED`, and tell those who listen."""
        now = self._clock.now()
        told = {"position": position.to_json(), "reason": reason, "model": self._declaration.model, **details}
        with self._stores.transactions.transaction():
            self._stores.audit.append(
                at=now, actor=self._actor, action=action, subject=self._declaration.subject, details=told
            )
            event = Event(type=_EVENTS[action], subject=self._declaration.name, at=now, data=told)
            self._events.publish(event, self._stores.transactions)
