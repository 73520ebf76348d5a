"""Leases: who may do a thing at present."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from millwright.core.process import is_dead

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime


class LeaseStore(ABC):
    """Named locks that end by themselves, so that a killed holder blocks nobody for long."""

    @abstractmethod
    def acquire(self, name: str, holder: str, *, now: datetime, until: datetime) -> bool:
        """Take (or extend) a lease.

        Returns:
            True when `holder` now has it; False while another holder's lease lasts.
        """

    @abstractmethod
    def acquire_many(self, names: Collection[str], holder: str, *, now: datetime, until: datetime) -> set[str]:
        """Take (or extend) several leases as one change, each as far as it is free.

        Returns:
            Those that `holder` now has.
        """

    def take(self, name: str, holder: str, *, now: datetime, until: datetime) -> bool:
        """Take (or extend) a lease, also that of a process of this machine that is gone: nobody waits for it.

        Holders are told apart as `current_owner` writes them, with anything behind a `/`.

        Returns:
            As `acquire` does.
        """
        if self.acquire(name, holder, now=now, until=until):
            return True
        other = self.holder(name, now=now)
        if other is not None:
            if not is_dead(other.partition("/")[0]):
                return False
            self.release(name, other)
        return self.acquire(name, holder, now=now, until=until)

    @abstractmethod
    def release(self, name: str, holder: str) -> None:
        """Give a lease back; nothing happens when `holder` does not have it."""

    @abstractmethod
    def release_many(self, names: Collection[str], holder: str) -> None:
        """Give several leases back as one change; those that `holder` does not have stay as they are."""

    @abstractmethod
    def holder(self, name: str, *, now: datetime) -> str | None:
        """Who has the lease at that moment."""
