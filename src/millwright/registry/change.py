"""One change to a registered model: one transaction with its audit entries and events; listeners hear it afterwards."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from millwright.core.events import Event, EventBus
from millwright.core.records.model import AliasRecord
from millwright.storage.catalog import Stores

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from millwright.core.clock import Clock
    from millwright.core.records.model import ModelVersionRecord, ModelVersionState


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What is done inside one transaction, at one moment, by one actor."""

    stores: Stores
    events: EventBus
    actor: str
    now: datetime
    told: list[Event] = field(default_factory=list)

    def audit(self, action: str, subject: str, **details: Any) -> None:
        """Add an entry to the audit log."""
        self.stores.audit.append(at=self.now, actor=self.actor, action=action, subject=subject, details=details)

    def tell(self, event_type: str, version: ModelVersionRecord, **data: Any) -> None:
        """Publish an event about a version with the change."""
        self.tell_model(event_type, version.name, subject=version.ref, version=version.version, **data)

    def tell_model(self, event_type: str, name: str, *, subject: str = "", **data: Any) -> None:
        """Publish an event about a model with the change; `subject` is the model's name when empty."""
        facts = {"name": name, "actor": self.actor, **data}
        self.told.append(
            Event(type=event_type, subject=subject or name, at=self.now, data=facts, stream=f"models/{name}")
        )

    def publish(self) -> None:
        """Hand on what was told: at the end, since whoever else publishes has to wait from here until the commit."""
        for event in self.told:
            self.events.publish(event, self.stores.transactions)

    def set_state(self, version: ModelVersionRecord, state: ModelVersionState, reason: str) -> ModelVersionRecord:
        """Change a version's state, and tell if it differs from the present one.

        Raises:
            StateTransitionError: The state cannot follow the present one.
        """
        changed = self.stores.models.set_state(version.name, version.version, state)
        if version.state is not state:
            self.tell("model.state_changed", version, previous=version.state.value, state=state.value, reason=reason)
        return changed

    def move_alias(
        self, alias: str, target: ModelVersionRecord, *, action: str, reason: str, overruled: Sequence[str] = ()
    ) -> AliasRecord:
        """Point an alias at a version; nothing happens when it points there already."""
        before = self.stores.models.find_alias(target.name, alias)
        if before is not None and before.version == target.version:
            return before
        record = AliasRecord(
            name=target.name, alias=alias, version=target.version, set_at=self.now, set_by=self.actor, reason=reason
        )
        self.stores.models.put_alias(record)
        facts = {"alias": alias, "previous": before.version if before else None, "reason": reason}
        self.audit(action, target.ref, **facts, overruled=list(overruled))
        self.tell("model.promoted", target, **facts)
        return record


class Changes:
    """Begins changes.

    Args:
        stores: Where the records are.
        clock: Tells the time of each change.
        events: Told of each change.
        actor: Who makes the changes.
    """

    def __init__(self, *, stores: Stores, clock: Clock, events: EventBus, actor: str) -> None:
        self._stores = stores
        self._clock = clock
        self._events = events
        self._actor = actor

    @contextmanager
    def begin(self, name: str) -> Iterator[Change]:
        """A transaction that others who change the same model wait for; joins the caller's, if one is open."""
        with self._stores.transactions.transaction():
            self._stores.models.lock_model(name)
            change = Change(stores=self._stores, events=self._events, actor=self._actor, now=self._clock.now())
            yield change
            change.publish()
