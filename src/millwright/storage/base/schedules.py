"""Schedules: pipelines that run at certain times."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from millwright.core.records.schedule import ScheduleRecord


class ScheduleStore(ABC):
    """Schedules, and how far each has come.

    Thread-safe and process-safe. Whoever starts runs for a schedule does so in one transaction with `advance`: of
    several who see that a time has come, one advances it.
    """

    @abstractmethod
    def create(self, record: ScheduleRecord) -> None:
        """Add a schedule.

        Raises:
            AlreadyExistsError: The name is taken.
        """

    @abstractmethod
    def get(self, name: str) -> ScheduleRecord:
        """A schedule.

        Raises:
            NotFoundError: There is none of that name; names the closest.
        """

    @abstractmethod
    def list_schedules(self, *, pipeline: str | None = None) -> list[ScheduleRecord]:
        """Schedules by name; those of one pipeline when asked for."""

    @abstractmethod
    def update(self, record: ScheduleRecord) -> None:
        """Replace a schedule.

        Raises:
            NotFoundError: There is none of that name.
        """

    @abstractmethod
    def delete(self, name: str) -> None:
        """Remove a schedule; runs that it started stay.

        Raises:
            NotFoundError: There is none of that name.
        """

    @abstractmethod
    def list_due(self, now: datetime, *, limit: int = 100) -> list[ScheduleRecord]:
        """Active schedules whose next time has come, the one that waited longest first."""

    @abstractmethod
    def advance(self, name: str, *, seen: datetime, next_at: datetime | None, last_at: datetime | None) -> bool:
        """Go on to the next time.

        Args:
            name: Which schedule.
            seen: The next time that the caller has seen.
            next_at: The new one; None when there is none.
            last_at: The last time that starts a run; kept as it is when None.

        Returns:
            False when somebody else went on, or paused or removed it: nothing was written.
        """
