"""The lineage graph in SQL."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import sqlalchemy as sa

from millwright.core.records.audit import LineageEdge, NodeKind
from millwright.storage.backends.sql import driver
from millwright.storage.backends.sql.history_table import LINEAGE_EDGES
from millwright.storage.backends.sql.row import RecordRow
from millwright.storage.base.lineage import LineageStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement

    from millwright.storage.backends.sql.database import Database

_EDGES = LINEAGE_EDGES.c
_IN_ONE_STATEMENT = 16


class SqlLineageStore(LineageStore):
    """See `LineageStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows = RecordRow(LineageEdge, LINEAGE_EDGES)

    def add(self, edges: Sequence[LineageEdge]) -> None:
        """See `LineageStore.add`."""
        if not edges:
            return
        rows = [self._rows.bound(edge) for edge in edges]
        if len(rows) <= _IN_ONE_STATEMENT:  # as of most steps: needs no savepoint
            with self._database.change() as connection:
                driver.run(connection, _adding(self._rows.columns, len(rows)), [each for row in rows for each in row])
            return
        with self._database.write() as connection:
            driver.run_many(connection, _adding(self._rows.columns, 1), rows)

    def upstream(self, kind: NodeKind, node_id: str) -> list[LineageEdge]:
        """See `LineageStore.upstream`."""
        return self._edges(_EDGES.target_kind == kind.value, _EDGES.target_id == node_id)

    def downstream(self, kind: NodeKind, node_id: str) -> list[LineageEdge]:
        """See `LineageStore.downstream`."""
        return self._edges(_EDGES.source_kind == kind.value, _EDGES.source_id == node_id)

    def _edges(self, *conditions: ColumnElement[bool]) -> list[LineageEdge]:
        statement = sa.select(LINEAGE_EDGES).where(*conditions).order_by(_EDGES.at, _EDGES.seq)
        with self._database.read() as connection:
            return [self._rows.record(row) for row in connection.execute(statement)]


@cache
def _adding(columns: tuple[str, ...], count: int) -> str:
    rows = ",".join([f"({driver.marks(len(columns))})"] * count)
    return f"INSERT INTO lineage_edges ({', '.join(columns)}) VALUES {rows} ON CONFLICT DO NOTHING"  # noqa: S608
