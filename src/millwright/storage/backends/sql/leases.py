"""Leases in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from millwright.storage.backends.sql.endpoint_table import LEASES
from millwright.storage.base.leases import LeaseStore

if TYPE_CHECKING:
    from datetime import datetime

    from millwright.storage.backends.sql.database import Database


class SqlLeaseStore(LeaseStore):
    """See `LeaseStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def acquire(self, name: str, holder: str, *, now: datetime, until: datetime) -> bool:
        """See `LeaseStore.acquire`; one statement decides, so two holders never both get it."""
        insert = self._database.insert(LEASES)
        statement = insert.on_conflict_do_update(
            index_elements=["name"],
            set_={"holder": insert.excluded.holder, "until": insert.excluded.until},
            where=sa.or_(LEASES.c.holder == holder, LEASES.c.until <= now),
        ).returning(LEASES.c.name)
        with self._database.write() as connection:
            taken = connection.execute(statement, {"name": name, "holder": holder, "until": until}).first()
        return taken is not None

    def release(self, name: str, holder: str) -> None:
        """See `LeaseStore.release`."""
        with self._database.write() as connection:
            connection.execute(sa.delete(LEASES).where(LEASES.c.name == name, LEASES.c.holder == holder))

    def holder(self, name: str, *, now: datetime) -> str | None:
        """See `LeaseStore.holder`."""
        statement = sa.select(LEASES.c.holder).where(LEASES.c.name == name, LEASES.c.until > now)
        with self._database.read() as connection:
            return connection.execute(statement).scalar()
