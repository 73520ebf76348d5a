"""The audit log."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from millwright.core.records.audit import AuditEvent


class AuditStore(ABC):
    """A log that is only ever appended to, each entry carrying the hash of the one before.

    Appends are serialised across processes, so that the chain has no fork.
    """

    @abstractmethod
    def append(self, *, at: datetime, actor: str, action: str, subject: str, details: Mapping[str, Any]) -> AuditEvent:
        """Add an entry behind the last one; it joins the transaction that is open.

        Args:
            at: When it was done.
            actor: Who did it.
            action: Dotted verb, such as `model.promote`.
            subject: What was acted on, such as `schedule-delay@3`.
            details: JSON values only, without NaN or infinities.

        Raises:
            InvalidInputError: The details hold something else than JSON values.
        """

    @abstractmethod
    def iter(self, *, after_seq: int = 0) -> Iterator[AuditEvent]:
        """Entries in order, behind a sequence number; read in pages."""

    @abstractmethod
    def list(self, *, subject: str | None = None, limit: int = 100) -> list[AuditEvent]:
        """The newest entries first, of one subject when given."""
