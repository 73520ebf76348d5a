"""Leases in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from millwright.storage.backends.sql.endpoint_table import LEASES
from millwright.storage.base.leases import LeaseStore

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from millwright.storage.backends.sql.database import Database

_MOST_NAMES = 500  # of one statement


class SqlLeaseStore(LeaseStore):
    """See `LeaseStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # Built once: both are executed for each step of a pipeline.
        insert = database.insert(LEASES)
        self._upsert = insert.on_conflict_do_update(
            index_elements=["name"],
            set_={"holder": insert.excluded.holder, "until": insert.excluded.until},
            where=sa.or_(LEASES.c.holder == insert.excluded.holder, LEASES.c.until <= sa.bindparam("now")),
        )
        self._acquire = self._upsert.returning(LEASES.c.name)
        held = (LEASES.c.name == sa.bindparam("of"), LEASES.c.holder == sa.bindparam("by"))
        self._release = sa.delete(LEASES).where(*held)

    def acquire(self, name: str, holder: str, *, now: datetime, until: datetime) -> bool:
        """See `LeaseStore.acquire`; one statement decides, so two holders never both get it."""
        with self._database.write() as connection:
            taken = connection.execute(
                self._acquire, {"name": name, "holder": holder, "until": until, "now": now}
            ).first()
        return taken is not None

    def acquire_many(self, names: Collection[str], holder: str, *, now: datetime, until: datetime) -> set[str]:
        """See `LeaseStore.acquire_many`; in one order, so that two who want the same do not block one another."""
        wanted = sorted(names)
        had: set[str] = set()
        with self._database.write() as connection:
            for start in range(0, len(wanted), _MOST_NAMES):
                part = wanted[start : start + _MOST_NAMES]
                same = {"holder": holder, "until": until, "now": now}
                connection.execute(self._upsert, [{"name": name, **same} for name in part])
                ours = sa.select(LEASES.c.name).where(LEASES.c.name.in_(part), LEASES.c.holder == holder)
                had.update(connection.execute(ours).scalars())
        return had

    def release(self, name: str, holder: str) -> None:
        """See `LeaseStore.release`."""
        with self._database.write() as connection:
            connection.execute(self._release, {"of": name, "by": holder})

    def release_many(self, names: Collection[str], holder: str) -> None:
        """See `LeaseStore.release_many`; in the same order."""
        if names:
            with self._database.write() as connection:
                connection.execute(self._release, [{"of": name, "by": holder} for name in sorted(names)])

    def holder(self, name: str, *, now: datetime) -> str | None:
        """See `LeaseStore.holder`."""
        statement = sa.select(LEASES.c.holder).where(LEASES.c.name == name, LEASES.c.until > now)
        with self._database.read() as connection:
            return connection.execute(statement).scalar()
