"""Traces and their spans in SQL."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from millwright.core.errors import NotFoundError
from millwright.core.records.search import Page
from millwright.core.records.trace import SpanRecord, TraceRecord, TraceState
from millwright.storage.backends.sql.trace_search import search_traces
from millwright.storage.backends.sql.trace_table import (
    ASSESSMENTS,
    TRACE_LINKS,
    TRACE_METADATA,
    TRACE_SPANS,
    TRACE_TAGS,
    TRACES,
)
from millwright.storage.base.traces import TraceStore

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row, Table

    from millwright.core.ids import ExperimentId, TraceId
    from millwright.core.records.search import Query
    from millwright.core.records.trace import TraceLink
    from millwright.storage.backends.sql.database import Database

_T = TRACES.c
_COLUMNS = tuple(column.name for column in TRACES.c if column.name != "id")
_IDS = 500  # in one statement
_SPAN = tuple(field.name for field in dataclasses.fields(SpanRecord))


class SqlTraceStore(TraceStore):
    """See `TraceStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        insert = database.insert(TRACES)
        self._put = insert.on_conflict_do_update(
            index_elements=["id"], set_={name: insert.excluded[name] for name in _COLUMNS}
        )
        tag = database.insert(TRACE_TAGS)
        self._put_tag = tag.on_conflict_do_update(
            index_elements=["trace_id", "key"], set_={"value": tag.excluded.value}
        )
        span = database.insert(TRACE_SPANS)
        self._put_span = span.on_conflict_do_update(
            index_elements=["trace_id", "id"], set_={name: span.excluded[name] for name in _SPAN if name != "id"}
        )

    def put(self, record: TraceRecord) -> None:
        """See `TraceStore.put`."""
        row = {"id": record.id} | {name: getattr(record, name) for name in _COLUMNS}
        with self._database.write() as connection:
            connection.execute(self._put, row | {"state": record.state.value})
            for table, facts in ((TRACE_TAGS, record.tags), (TRACE_METADATA, record.metadata)):
                connection.execute(sa.delete(table).where(table.c.trace_id == record.id))
                if facts:
                    connection.execute(sa.insert(table), _rows(record.id, facts))

    def get(self, trace_id: TraceId) -> TraceRecord:
        """See `TraceStore.get`."""
        with self._database.read() as connection:
            found = trace_records(connection, connection.execute(sa.select(TRACES).where(_T.id == trace_id)).all())
        if not found:
            raise _unknown(trace_id)
        return found[0]

    def list_traces(
        self, experiment_ids: Sequence[ExperimentId], *, limit: int, after: TraceRecord | None = None
    ) -> list[TraceRecord]:
        """See `TraceStore.list_traces`."""
        statement = sa.select(TRACES).where(_T.experiment_id.in_(list(experiment_ids)))
        if after is not None:
            earlier = sa.and_(_T.requested_at == after.requested_at, _T.id < after.id)
            statement = statement.where(sa.or_(_T.requested_at < after.requested_at, earlier))
        statement = statement.order_by(_T.requested_at.desc(), _T.id.desc()).limit(limit)
        with self._database.read() as connection:
            return trace_records(connection, connection.execute(statement).all())

    def put_tags(self, trace_id: TraceId, tags: Mapping[str, str]) -> None:
        """See `TraceStore.put_tags`."""
        with self._database.write() as connection:
            _require(connection, trace_id)
            if tags:
                connection.execute(self._put_tag, _rows(trace_id, tags))

    def delete_tag(self, trace_id: TraceId, key: str) -> None:
        """See `TraceStore.delete_tag`."""
        tags = TRACE_TAGS.c
        with self._database.write() as connection:
            _require(connection, trace_id)
            gone = connection.execute(sa.delete(TRACE_TAGS).where(tags.trace_id == trace_id, tags.key == key))
            if not gone.rowcount:
                raise NotFoundError(f"The trace '{trace_id}' has no tag '{key}'.", hint="List its tags.")

    def put_spans(self, trace_id: TraceId, spans: Sequence[SpanRecord]) -> None:
        """See `TraceStore.put_spans`."""
        rows = [{"trace_id": trace_id} | {name: getattr(span, name) for name in _SPAN} for span in spans]
        with self._database.write() as connection:
            _require(connection, trace_id)
            if rows:
                connection.execute(self._put_span, rows)

    def list_spans(self, trace_id: TraceId) -> list[SpanRecord]:
        """See `TraceStore.list_spans`."""
        spans = TRACE_SPANS.c
        statement = sa.select(*(spans[name] for name in _SPAN)).where(spans.trace_id == trace_id)
        with self._database.read() as connection:
            rows = connection.execute(statement.order_by(spans.start_ns, spans.id)).mappings()
            return [SpanRecord(**row) for row in rows]

    def search(self, query: Query, *, experiment_ids: Sequence[ExperimentId]) -> Page[TraceRecord]:
        """See `TraceStore.search`."""
        with self._database.read() as connection:
            ids, token = search_traces(connection, query, experiment_ids)
            found: dict[str, TraceRecord] = {}
            for part in _slices(ids):
                rows = connection.execute(sa.select(TRACES).where(_T.id.in_(part))).all()
                found.update((record.id, record) for record in trace_records(connection, rows))
        return Page(items=tuple(found[trace_id] for trace_id in ids), next_token=token)

    def put_links(self, kind: TraceLink, links: Iterable[tuple[TraceId, str]]) -> None:
        """See `TraceStore.put_links`."""
        rows = [{"kind": kind.value, "target": target, "trace_id": trace_id} for trace_id, target in links]
        if rows:
            with self._database.write() as connection:
                connection.execute(self._database.insert(TRACE_LINKS).on_conflict_do_nothing(), rows)

    def delete_until(self, experiment_id: ExperimentId, until: datetime, *, limit: int | None = None) -> int:
        """See `TraceStore.delete_until`."""
        chosen = sa.select(_T.id).where(_T.experiment_id == experiment_id, _T.requested_at <= until)
        with self._database.write() as connection:
            ids = connection.scalars(chosen.order_by(_T.requested_at, _T.id).limit(limit)).all()
            return self.delete(ids)

    def delete(self, trace_ids: Sequence[TraceId]) -> int:
        """See `TraceStore.delete`."""
        gone = 0
        with self._database.write() as connection:
            for ids in _slices(trace_ids):
                for table in (TRACE_TAGS, TRACE_METADATA, TRACE_SPANS, TRACE_LINKS, ASSESSMENTS):
                    connection.execute(sa.delete(table).where(table.c.trace_id.in_(ids)))
                gone += connection.execute(sa.delete(TRACES).where(_T.id.in_(ids))).rowcount
        return gone


def _slices(ids: Sequence[Any]) -> list[Sequence[Any]]:
    return [ids[start : start + _IDS] for start in range(0, len(ids), _IDS)]


def _unknown(trace_id: TraceId) -> NotFoundError:
    return NotFoundError(f"Expected the id of a trace, found none of the id '{trace_id}'.", hint="Check the id.")


def _require(connection: Connection, trace_id: TraceId) -> None:
    if connection.execute(sa.select(_T.id).where(_T.id == trace_id)).first() is None:
        raise _unknown(trace_id)


def _rows(trace_id: TraceId, facts: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"trace_id": trace_id, "key": key, "value": value} for key, value in sorted(facts.items())]


def trace_records(connection: Connection, rows: Sequence[Row[Any]]) -> list[TraceRecord]:
    """The traces of rows, with their tags and metadata."""
    ids = [row.id for row in rows]
    tags, metadata = _facts(connection, TRACE_TAGS, ids), _facts(connection, TRACE_METADATA, ids)
    return [
        TraceRecord(
            id=row.id,
            state=TraceState(row.state),
            tags=tags[row.id],
            metadata=metadata[row.id],
            **{name: getattr(row, name) for name in _COLUMNS if name != "state"},
        )
        for row in rows
    ]


def _facts(connection: Connection, table: Table, ids: Sequence[str]) -> defaultdict[str, dict[str, str]]:
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for row in connection.execute(sa.select(table).where(table.c.trace_id.in_(ids))):
        found[row.trace_id][row.key] = row.value
    return found
