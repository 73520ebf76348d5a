"""Leases in SQL."""
# ruff: noqa: S608 - statements of names that stand here; every value is bound

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.storage.backends.sql import driver
from millwright.storage.backends.sql.moment import micros
from millwright.storage.base.leases import LeaseStore

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from millwright.storage.backends.sql.database import Database

_MOST_NAMES = 500  # of one statement
_TAKE = (  # name, holder, until, now
    "INSERT INTO leases (name, holder, until) VALUES (?, ?, ?) "
    "ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until "
    "WHERE leases.holder = excluded.holder OR leases.until <= ?"
)
_TAKE_TOLD = f"{_TAKE} RETURNING name"
_RELEASE = "DELETE FROM leases WHERE name = ? AND holder = ?"


class SqlLeaseStore(LeaseStore):
    """See `LeaseStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def acquire(self, name: str, holder: str, *, now: datetime, until: datetime) -> bool:
        """See `LeaseStore.acquire`; one statement decides, so two holders never both get it."""
        with self._database.change() as connection:
            taken = driver.run(connection, _TAKE_TOLD, (name, holder, micros(until), micros(now))).fetchone()
        return taken is not None

    def acquire_many(self, names: Collection[str], holder: str, *, now: datetime, until: datetime) -> set[str]:
        """See `LeaseStore.acquire_many`; in one order, so that two who want the same do not block one another."""
        wanted = sorted(names)
        had: set[str] = set()
        end, begin = micros(until), micros(now)
        with self._database.write() as connection:
            for start in range(0, len(wanted), _MOST_NAMES):
                part = wanted[start : start + _MOST_NAMES]
                driver.run_many(connection, _TAKE, [(name, holder, end, begin) for name in part])
                ours = f"SELECT name FROM leases WHERE holder = ? AND name IN ({driver.marks(len(part))})"
                had.update(name for (name,) in driver.run(connection, ours, (holder, *part)))
        return had

    def release(self, name: str, holder: str) -> None:
        """See `LeaseStore.release`."""
        with self._database.change() as connection:
            driver.run(connection, _RELEASE, (name, holder))

    def release_many(self, names: Collection[str], holder: str) -> None:
        """See `LeaseStore.release_many`; in the same order."""
        if names:
            with self._database.write() as connection:
                driver.run_many(connection, _RELEASE, [(name, holder) for name in sorted(names)])

    def holder(self, name: str, *, now: datetime) -> str | None:
        """See `LeaseStore.holder`."""
        statement = "SELECT holder FROM leases WHERE name = ? AND until > ?"
        with self._database.read() as connection:
            row = driver.run(connection, statement, (name, micros(now))).fetchone()
        return None if row is None else str(row[0])
