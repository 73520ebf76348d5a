"""Schedules in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from millwright.core.errors import AlreadyExistsError, NotFoundError, closest
from millwright.core.records.schedule import ActiveState, ScheduleRecord
from millwright.storage.backends.sql.queue_table import SCHEDULES
from millwright.storage.backends.sql.row import RecordRow
from millwright.storage.base.schedules import ScheduleStore

if TYPE_CHECKING:
    from datetime import datetime

    from millwright.storage.backends.sql.database import Database

_S = SCHEDULES.c


class SqlScheduleStore(ScheduleStore):
    """See `ScheduleStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows = RecordRow(ScheduleRecord, SCHEDULES)

    def create(self, record: ScheduleRecord) -> None:
        """See `ScheduleStore.create`."""
        statement = self._database.insert(SCHEDULES).on_conflict_do_nothing().returning(_S.name)
        with self._database.write() as connection:
            if connection.execute(statement, self._rows.values(record)).first() is None:
                raise AlreadyExistsError(
                    f"There is a schedule '{record.name}' already.",
                    hint=f"Choose another --name, or remove it: mw schedules remove {record.name}",
                )

    def get(self, name: str) -> ScheduleRecord:
        """See `ScheduleStore.get`."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(SCHEDULES).where(_S.name == name)).first()
        if row is None:
            raise self._missing(name)
        return self._rows.record(row)

    def list_schedules(self, *, pipeline: str | None = None) -> list[ScheduleRecord]:
        """See `ScheduleStore.list_schedules`."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(SCHEDULES).order_by(_S.name)).all()
        records = [self._rows.record(row) for row in rows]
        return [record for record in records if pipeline in {None, record.target.name}]

    def update(self, record: ScheduleRecord) -> None:
        """See `ScheduleStore.update`."""
        statement = sa.update(SCHEDULES).where(_S.name == record.name).returning(_S.name)
        with self._database.write() as connection:
            if connection.execute(statement, self._rows.values(record)).first() is None:
                raise self._missing(record.name)

    def delete(self, name: str) -> None:
        """See `ScheduleStore.delete`."""
        with self._database.write() as connection:
            if connection.execute(sa.delete(SCHEDULES).where(_S.name == name).returning(_S.name)).first() is None:
                raise self._missing(name)

    def list_due(self, now: datetime, *, limit: int = 100) -> list[ScheduleRecord]:
        """See `ScheduleStore.list_due`."""
        due = sa.select(SCHEDULES).where(_S.state == ActiveState.ACTIVE.value, _S.next_at <= now)
        with self._database.read() as connection:
            rows = connection.execute(due.order_by(_S.next_at, _S.name).limit(limit))
            return [self._rows.record(row) for row in rows]

    def advance(self, name: str, *, seen: datetime, next_at: datetime | None, last_at: datetime | None) -> bool:
        """See `ScheduleStore.advance`."""
        statement = (
            sa.update(SCHEDULES)
            .where(_S.name == name, _S.state == ActiveState.ACTIVE.value, _S.next_at == seen)
            .values(next_at=next_at, **({} if last_at is None else {"last_at": last_at}))
            .returning(_S.name)
        )
        with self._database.write() as connection:
            return connection.execute(statement).first() is not None

    def _missing(self, name: str) -> NotFoundError:
        with self._database.read() as connection:
            known = list(connection.execute(sa.select(_S.name)).scalars())
        return NotFoundError(
            f"There is no schedule '{name}'.", hint=closest(name, known) or "Make one: mw schedules add FILE:NAME"
        )
