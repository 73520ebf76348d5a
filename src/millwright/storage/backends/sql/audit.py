"""The audit log in SQL."""

from __future__ import annotations

import json
from datetime import UTC
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from millwright.core.digest import canonical_json
from millwright.core.errors import InvalidInputError
from millwright.core.records.audit import GENESIS_HASH, AuditEvent, audit_hash
from millwright.storage.backends.sql.history_table import AUDIT_EVENTS
from millwright.storage.backends.sql.row import RecordRow
from millwright.storage.base.audit import AuditStore

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from millwright.storage.backends.sql.database import Database

_PAGE_ROWS = 1_000
_LOCK = 0x6D696C6C_61756474  # "millaudt": the advisory lock that appends on PostgreSQL queue for
_EVENTS = AUDIT_EVENTS.c


class SqlAuditStore(AuditStore):
    """See `AuditStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows = RecordRow(AuditEvent, AUDIT_EVENTS)

    def append(self, *, at: datetime, actor: str, action: str, subject: str, details: Mapping[str, Any]) -> AuditEvent:
        """See `AuditStore.append`.

        Raises:
            InvalidInputError: The details hold something else than JSON values.
        """
        try:
            # Through JSON and back, so that what is hashed is what will be read.
            kept = json.loads(canonical_json(dict(details)))
        except (TypeError, ValueError) as error:
            raise InvalidInputError(
                f"Expected the details of '{action}' to be JSON values, found others: {error}.",
                hint="Write numbers that are not finite, times and objects as text.",
            ) from error
        moment = at.astimezone(UTC)
        with self._database.write() as connection:
            if not self._database.is_sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            last = connection.execute(
                sa.select(_EVENTS.seq, _EVENTS.hash).order_by(_EVENTS.seq.desc()).limit(1)
            ).first()
            seq, previous = (1, GENESIS_HASH) if last is None else (last.seq + 1, last.hash)
            event = AuditEvent(
                seq=seq,
                at=moment,
                actor=actor,
                action=action,
                subject=subject,
                details=kept,
                previous_hash=previous,
                hash=audit_hash(
                    seq=seq,
                    at=moment,
                    actor=actor,
                    action=action,
                    subject=subject,
                    details=kept,
                    previous_hash=previous,
                ),
            )
            connection.execute(sa.insert(AUDIT_EVENTS), self._rows.values(event))
        return event

    def iter(self, *, after_seq: int = 0) -> Iterator[AuditEvent]:
        """See `AuditStore.iter`; a page is 1,000 entries."""
        while True:
            statement = sa.select(AUDIT_EVENTS).where(_EVENTS.seq > after_seq).order_by(_EVENTS.seq).limit(_PAGE_ROWS)
            with self._database.read() as connection:
                page = [self._rows.record(row) for row in connection.execute(statement)]
            yield from page
            if len(page) < _PAGE_ROWS:
                return
            after_seq = page[-1].seq

    def list(self, *, subject: str | None = None, limit: int = 100) -> list[AuditEvent]:
        """See `AuditStore.list`."""
        statement = sa.select(AUDIT_EVENTS).order_by(_EVENTS.seq.desc()).limit(limit)
        if subject is not None:
            statement = statement.where(_EVENTS.subject == subject)
        with self._database.read() as connection:
            return [self._rows.record(row) for row in connection.execute(statement)]
