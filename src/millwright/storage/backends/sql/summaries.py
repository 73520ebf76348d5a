"""Summaries of the prediction log in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from millwright.core.errors import ConflictError
from millwright.core.records.summary import FoldRecord, SummarySpan, WindowSummaryRecord
from millwright.storage.backends.sql.row import RecordRow
from millwright.storage.backends.sql.summary_table import FOLDED_SEGMENTS, FOLDS, WINDOW_SUMMARIES
from millwright.storage.base.summaries import SummaryStore

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from millwright.storage.backends.sql.database import Database

_S = WINDOW_SUMMARIES.c
_F = FOLDED_SEGMENTS.c
_KEY = ["endpoint", "span", "start", "model", "version", "grid"]
_BY_START = (_S.start, _S.model, _S.version, _S.grid)
_CLOSED = "/before "  # begins the one row that stands for all segments before a name; no segment's begins so
_MARKS = (_F.name >= _CLOSED, _F.name < "/before!")  # by the key


class SqlSummaryStore(SummaryStore):
    """See `SummaryStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._summaries = RecordRow(WindowSummaryRecord, WINDOW_SUMMARIES)
        self._folds = RecordRow(FoldRecord, FOLDS)
        insert = database.insert(WINDOW_SUMMARIES)
        changed = {name: insert.excluded[name] for name in ("rows", "last_at", "latency", "cells")}
        self._put = insert.on_conflict_do_update(index_elements=_KEY, set_=changed)
        new, old = (adding := database.insert(FOLDS)).excluded, FOLDS.c
        sums = {name: old[name] + new[name] for name in ("folds", "segments", "rows")}
        newest = sa.case((new.last_at > old.last_at, new.last_at), else_=old.last_at)
        changes = {**sums, "last_at": newest, "folded_at": new.folded_at}
        self._add = adding.on_conflict_do_update(index_elements=["endpoint"], set_=changes).returning(FOLDS)

    def unfolded(self, endpoint: str, names: Sequence[str]) -> list[str]:
        """See `SummaryStore.unfolded`; asks for all between the first and the last."""
        if not names:
            return []
        with self._database.read() as connection:
            folded = _folded(connection, endpoint, names)
        return [name for name in names if name not in folded]

    def mark_folded(
        self, endpoint: str, names: Collection[str], *, rows: int, last_at: datetime, at: datetime
    ) -> FoldRecord:
        """See `SummaryStore.mark_folded`; the endpoint's row is locked until the transaction ends."""
        added = FoldRecord(endpoint=endpoint, folds=1, segments=len(names), rows=rows, last_at=last_at, folded_at=at)
        with self._database.write() as connection:
            row = connection.execute(self._add, self._folds.values(added)).one()
            twice = _folded(connection, endpoint, names).intersection(names)
            if twice:
                raise ConflictError(
                    f"Another has folded {len(twice)} of {len(names)} segments of '{endpoint}' at the same moment.",
                    hint="Fold those that are left.",
                )
            marked = [{"endpoint": endpoint, "name": name} for name in sorted(names)]
            connection.execute(sa.insert(FOLDED_SEGMENTS), marked)
        return self._folds.record(row)

    def list_summaries(
        self,
        endpoint: str,
        span: SummarySpan,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        served: tuple[str, int] | None = None,
    ) -> list[WindowSummaryRecord]:
        """See `SummaryStore.list_summaries`."""
        statement = sa.select(WINDOW_SUMMARIES).where(_S.endpoint == endpoint, _S.span == span.value)
        if start is not None:
            statement = statement.where(_S.start >= start)
        if end is not None:
            statement = statement.where(_S.start < end)
        if served is not None:
            statement = statement.where(_S.model == served[0], _S.version == served[1])
        with self._database.read() as connection:
            return [self._summaries.record(row) for row in connection.execute(statement.order_by(*_BY_START))]

    def count_rows(self, endpoint: str, span: SummarySpan, *, start: datetime, end: datetime) -> dict[datetime, int]:
        """See `SummaryStore.count_rows`."""
        statement = (
            sa.select(_S.start, sa.func.sum(_S.rows))
            .where(_S.endpoint == endpoint, _S.span == span.value, _S.start >= start, _S.start < end)
            .group_by(_S.start)
        )
        with self._database.read() as connection:
            return {at: int(rows) for at, rows in connection.execute(statement)}

    def put(self, records: Sequence[WindowSummaryRecord]) -> None:
        """See `SummaryStore.put`."""
        if records:
            with self._database.write() as connection:
                connection.execute(self._put, [self._summaries.values(record) for record in records])

    def find_fold(self, endpoint: str) -> FoldRecord | None:
        """See `SummaryStore.find_fold`."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(FOLDS).where(FOLDS.c.endpoint == endpoint)).first()
        return None if row is None else self._folds.record(row)

    def list_folds(self) -> list[FoldRecord]:
        """See `SummaryStore.list_folds`."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(FOLDS).order_by(FOLDS.c.endpoint))
            return [self._folds.record(row) for row in rows]

    def count_before(self, span: SummarySpan, moment: datetime) -> int:
        """See `SummaryStore.count_before`."""
        statement = (
            sa.select(sa.func.count()).select_from(WINDOW_SUMMARIES).where(_S.span == span.value, _S.start < moment)
        )
        with self._database.read() as connection:
            return connection.execute(statement).scalar_one()

    def purge_before(self, span: SummarySpan, moment: datetime) -> int:
        """See `SummaryStore.purge_before`."""
        with self._database.write() as connection:
            return connection.execute(
                sa.delete(WINDOW_SUMMARIES).where(_S.span == span.value, _S.start < moment)
            ).rowcount

    def count_noted(self, endpoint: str, before: str) -> int:
        """See `SummaryStore.count_noted`."""
        statement = sa.select(sa.func.count()).select_from(FOLDED_SEGMENTS).where(*_noted(endpoint, before))
        with self._database.read() as connection:
            return connection.execute(statement).scalar_one()

    def close_before(self, endpoint: str, before: str) -> int:
        """See `SummaryStore.close_before`; the row that those who fold lock is locked, so that they see it."""
        with self._database.write() as connection:
            connection.execute(sa.update(FOLDS).where(FOLDS.c.endpoint == endpoint).values(folds=FOLDS.c.folds))
            if before <= _closed(connection, endpoint):
                return 0
            removed = connection.execute(sa.delete(FOLDED_SEGMENTS).where(*_noted(endpoint, before))).rowcount
            connection.execute(sa.delete(FOLDED_SEGMENTS).where(_F.endpoint == endpoint, *_MARKS))
            connection.execute(sa.insert(FOLDED_SEGMENTS), {"endpoint": endpoint, "name": f"{_CLOSED}{before}"})
            return removed

    def forget(self, endpoint: str) -> int:
        """See `SummaryStore.forget`; the row that those who fold lock goes first, so that nothing of theirs is left."""
        with self._database.write() as connection:
            gone = sa.delete(FOLDS).where(FOLDS.c.endpoint == endpoint).returning(FOLDS.c.segments)
            segments = connection.execute(gone).scalar_one_or_none()
            for table in (WINDOW_SUMMARIES, FOLDED_SEGMENTS):
                connection.execute(sa.delete(table).where(table.c.endpoint == endpoint))
            return segments or 0


def _folded(connection: Connection, endpoint: str, names: Collection[str]) -> set[str]:
    """What is folded of all segments between the first and the last of some; their names begin with their hours."""
    between = sa.select(_F.name).where(_F.endpoint == endpoint, _F.name >= min(names), _F.name <= max(names))
    closed = _closed(connection, endpoint)
    return {*connection.execute(between).scalars(), *(name for name in names if name < closed)}


def _closed(connection: Connection, endpoint: str) -> str:
    """The name before which everything counts as folded; empty when nothing does."""
    marks = connection.execute(sa.select(_F.name).where(_F.endpoint == endpoint, *_MARKS)).scalars()
    return max((mark.removeprefix(_CLOSED) for mark in marks), default="")


def _noted(endpoint: str, before: str) -> list[ColumnElement[bool]]:
    return [_F.endpoint == endpoint, _F.name < before, ~sa.and_(*_MARKS)]
