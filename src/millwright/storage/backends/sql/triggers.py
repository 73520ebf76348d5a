"""Triggers in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from millwright.core.errors import AlreadyExistsError, NotFoundError, closest
from millwright.core.records.schedule import ActiveState, TriggerKind, TriggerRecord
from millwright.storage.backends.sql.queue_table import TRIGGERS
from millwright.storage.backends.sql.row import RecordRow
from millwright.storage.base.triggers import TriggerStore

if TYPE_CHECKING:
    from datetime import datetime

    from millwright.storage.backends.sql.database import Database

_T = TRIGGERS.c


class SqlTriggerStore(TriggerStore):
    """See `TriggerStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows = RecordRow(TriggerRecord, TRIGGERS)

    def create(self, record: TriggerRecord) -> None:
        """See `TriggerStore.create`."""
        statement = self._database.insert(TRIGGERS).on_conflict_do_nothing().returning(_T.name)
        with self._database.write() as connection:
            if connection.execute(statement, self._rows.values(record)).first() is None:
                raise AlreadyExistsError(
                    f"There is a trigger '{record.name}' already.",
                    hint=f"Remove it first to make it anew: mw triggers remove {record.name}",
                )

    def get(self, name: str) -> TriggerRecord:
        """See `TriggerStore.get`."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(TRIGGERS).where(_T.name == name)).first()
        if row is None:
            raise self._missing(name)
        return self._rows.record(row)

    def find_by_token(self, token_hash: str) -> TriggerRecord | None:
        """See `TriggerStore.find_by_token`."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(TRIGGERS).where(_T.token_hash == token_hash)).first()
        return None if row is None else self._rows.record(row)

    def list_triggers(
        self, *, pipeline: str | None = None, kind: TriggerKind | None = None, active_only: bool = False
    ) -> list[TriggerRecord]:
        """See `TriggerStore.list_triggers`."""
        statement = sa.select(TRIGGERS).order_by(_T.name)
        if kind is not None:
            statement = statement.where(_T.kind == kind.value)
        if active_only:
            statement = statement.where(_T.state == ActiveState.ACTIVE.value)
        with self._database.read() as connection:
            records = [self._rows.record(row) for row in connection.execute(statement)]
        return [record for record in records if pipeline in {None, record.target.name}]

    def set_state(self, name: str, state: ActiveState, *, position: str | None = None) -> TriggerRecord:
        """See `TriggerStore.set_state`."""
        values: dict[str, Any] = {"state": state.value}
        if position is not None:
            values["position"] = position
        statement = sa.update(TRIGGERS).where(_T.name == name).values(**values).returning(TRIGGERS)
        with self._database.write() as connection:
            row = connection.execute(statement).first()
            if row is None:
                raise self._missing(name)
            return self._rows.record(row)

    def delete(self, name: str) -> None:
        """See `TriggerStore.delete`."""
        with self._database.write() as connection:
            if connection.execute(sa.delete(TRIGGERS).where(_T.name == name).returning(_T.name)).first() is None:
                raise self._missing(name)

    def move(self, name: str, *, seen: str, position: str, fired_at: datetime | None) -> bool:
        """See `TriggerStore.move`."""
        statement = (
            sa.update(TRIGGERS)
            .where(_T.name == name, _T.state == ActiveState.ACTIVE.value, _T.position == seen)
            .values(position=position, **({} if fired_at is None else {"fired_at": fired_at}))
            .returning(_T.name)
        )
        with self._database.write() as connection:
            return connection.execute(statement).first() is not None

    def _missing(self, name: str) -> NotFoundError:
        with self._database.read() as connection:
            known = list(connection.execute(sa.select(_T.name)).scalars())
        return NotFoundError(
            f"There is no trigger '{name}'.", hint=closest(name, known) or "Make one: mw triggers add FILE:NAME"
        )
