"""Leases: who may do a thing at present."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
    def release(self, name: str, holder: str) -> None:
        """Give a lease back; nothing happens when `holder` does not have it."""

    @abstractmethod
    def holder(self, name: str, *, now: datetime) -> str | None:
        """Who has the lease at that moment."""
