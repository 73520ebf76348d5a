"""Endpoints in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from millwright.core.records.prediction import EndpointRecord
from millwright.storage.backends.sql.endpoint_table import ENDPOINTS
from millwright.storage.backends.sql.row import RecordRow
from millwright.storage.base.endpoints import EndpointStore

if TYPE_CHECKING:
    from millwright.storage.backends.sql.database import Database


class SqlEndpointStore(EndpointStore):
    """See `EndpointStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows = RecordRow(EndpointRecord, ENDPOINTS)
        insert = database.insert(ENDPOINTS)
        changed = {name: insert.excluded[name] for name in ("model", "updated_at", "body")}
        self._put = insert.on_conflict_do_update(index_elements=["name"], set_=changed)

    def put(self, record: EndpointRecord) -> None:
        """See `EndpointStore.put`."""
        with self._database.write() as connection:
            connection.execute(self._put, self._rows.values(record))

    def find(self, name: str) -> EndpointRecord | None:
        """See `EndpointStore.find`."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(ENDPOINTS).where(ENDPOINTS.c.name == name)).first()
        return None if row is None else self._rows.record(row)

    def list(self) -> list[EndpointRecord]:
        """See `EndpointStore.list`."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(ENDPOINTS).order_by(ENDPOINTS.c.name))
            return [self._rows.record(row) for row in rows]
