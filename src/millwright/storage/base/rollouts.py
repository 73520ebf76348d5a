"""Rollouts of endpoints, and the evidence that serving processes gather about their arms."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from millwright.core.ids import RolloutId
    from millwright.core.records.rollout import RolloutEvidence, RolloutRecord


class RolloutStore(ABC):
    """Rollouts; an endpoint has at most one that is open.

    Thread-safe and process-safe. A change names the revision that was read: of several who change a rollout at once
    one succeeds.
    """

    @abstractmethod
    def create(self, record: RolloutRecord) -> None:
        """Add a rollout.

        Raises:
            ConflictError: The endpoint has an open one; names it.
        """

    @abstractmethod
    def get(self, rollout_id: RolloutId) -> RolloutRecord:
        """A rollout.

        Raises:
            NotFoundError: There is none of that id.
        """

    @abstractmethod
    def find_open(self, endpoint: str) -> RolloutRecord | None:
        """The endpoint's rollout that is running or paused."""

    @abstractmethod
    def list_rollouts(self, *, endpoint: str | None = None, limit: int = 100) -> list[RolloutRecord]:
        """Rollouts, the newest first; those of one endpoint when asked for."""

    @abstractmethod
    def update(self, record: RolloutRecord) -> RolloutRecord:
        """Replace a rollout that is still at the revision that `record` has.

        Returns:
            What is stored now: `record` with the next revision.

        Raises:
            ConflictError: Someone has changed it since.
            NotFoundError: There is none of that id.
            StateTransitionError: Its state cannot follow the stored one.
        """

    @abstractmethod
    def put_evidence(self, evidence: Sequence[RolloutEvidence]) -> None:
        """Add what processes have counted, or replace what the same ones wrote before; as one change."""

    @abstractmethod
    def list_evidence(self, rollout_id: RolloutId, *, step: int | None = None) -> list[RolloutEvidence]:
        """What all processes have counted, by step, arm and process; of one step when asked for."""

    @abstractmethod
    def count_evidence(self, before: datetime) -> int:
        """How much `purge_evidence` would remove."""

    @abstractmethod
    def purge_evidence(self, before: datetime) -> int:
        """Remove evidence that was last written before some moment, of rollouts that have ended; they themselves stay.

        Returns:
            How many entries: one per step, arm and process.
        """
