"""Triggers: pipelines that run when something happens."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from millwright.core.records.schedule import ActiveState, TriggerKind, TriggerRecord


class TriggerStore(ABC):
    """Triggers, and how far each has looked.

    Thread-safe and process-safe. Whoever starts a run for a trigger does so in one transaction with `move`: of several
    who see the same thing, one moves it.
    """

    @abstractmethod
    def create(self, record: TriggerRecord) -> None:
        """Add a trigger.

        Raises:
            AlreadyExistsError: The name is taken.
        """

    @abstractmethod
    def get(self, name: str) -> TriggerRecord:
        """A trigger.

        Raises:
            NotFoundError: There is none of that name; names the closest.
        """

    @abstractmethod
    def find_by_token(self, token_hash: str) -> TriggerRecord | None:
        """The trigger whose token has that hash."""

    @abstractmethod
    def list_triggers(
        self, *, pipeline: str | None = None, kind: TriggerKind | None = None, active_only: bool = False
    ) -> list[TriggerRecord]:
        """Triggers by name."""

    @abstractmethod
    def set_state(self, name: str, state: ActiveState, *, position: str | None = None) -> TriggerRecord:
        """Pause or resume a trigger.

        Args:
            name: Which one.
            state: The new state.
            position: How far it counts as having looked; as it is when None.

        Raises:
            NotFoundError: There is none of that name.
        """

    @abstractmethod
    def delete(self, name: str) -> None:
        """Remove a trigger; runs that it started stay.

        Raises:
            NotFoundError: There is none of that name.
        """

    @abstractmethod
    def move(self, name: str, *, seen: str, position: str, fired_at: datetime | None) -> bool:
        """Note how far a trigger has looked.

        Args:
            name: Which one.
            seen: The position that the caller has seen.
            position: The new one.
            fired_at: When it fires; None when it does not.

        Returns:
            False when somebody else moved it, or paused or removed it: nothing was written.
        """
