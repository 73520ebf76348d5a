"""Spans in SQL, many at once."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from millwright.core.errors import NotFoundError
from millwright.core.ids import TraceId
from millwright.core.records.trace import SpanRecord
from millwright.storage.backends.sql.trace_table import TRACE_METADATA, TRACE_SPANS, TRACE_TAGS, TRACES
from millwright.storage.backends.sql.traces import trace_records
from millwright.storage.base.spans import SpanStore

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Table

    from millwright.core.records.trace import TraceRecord
    from millwright.storage.backends.sql.database import Database

_COLUMNS = tuple(column.name for column in TRACES.c if column.name != "id")
_SPAN = tuple(field.name for field in dataclasses.fields(SpanRecord))
_IDS = 500  # in one statement; SQLite takes some 32,000 parameters


class SqlSpanStore(SpanStore):
    """See `SpanStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._put_trace = _upsert(database, TRACES, "id")
        self._put_tag = _upsert(database, TRACE_TAGS, "trace_id", "key")
        self._put_metadata = _upsert(database, TRACE_METADATA, "trace_id", "key")
        self._put_span = _upsert(database, TRACE_SPANS, "trace_id", "id")

    def find_traces(self, trace_ids: Sequence[TraceId], *, lock: bool = False) -> dict[TraceId, TraceRecord]:
        """See `SpanStore.find_traces`."""
        found: dict[TraceId, TraceRecord] = {}
        with self._database.write() if lock else self._database.read() as connection:
            for ids in _slices(sorted(trace_ids)):
                statement = sa.select(TRACES).where(TRACES.c.id.in_(ids)).order_by(TRACES.c.id)
                rows = connection.execute(statement.with_for_update() if lock else statement).all()
                found.update((record.id, record) for record in trace_records(connection, rows))
        return found

    def put(self, traces: Sequence[TraceRecord], spans: Mapping[TraceId, Sequence[SpanRecord]]) -> None:
        """See `SpanStore.put`."""
        heads = [
            {"id": trace.id} | {name: getattr(trace, name) for name in _COLUMNS} | {"state": trace.state.value}
            for trace in sorted(traces, key=lambda trace: trace.id)  # one order for all writers: no deadlocks
        ]
        rows = [
            {"trace_id": trace_id} | {name: getattr(span, name) for name in _SPAN}
            for trace_id, each in sorted(spans.items())
            for span in {span.id: span for span in each}.values()
        ]
        with self._database.write() as connection:
            if heads:
                connection.execute(self._put_trace, heads)
            _check(connection, set(spans).difference(trace.id for trace in traces))
            for statement, facts in (
                (self._put_tag, [row for trace in traces for row in _facts(trace.id, trace.tags)]),
                (self._put_metadata, [row for trace in traces for row in _facts(trace.id, trace.metadata)]),
                (self._put_span, rows),
            ):
                if facts:
                    connection.execute(statement, facts)

    def list_spans(self, trace_ids: Sequence[TraceId]) -> dict[TraceId, list[SpanRecord]]:
        """See `SpanStore.list_spans`."""
        columns = TRACE_SPANS.c
        found: dict[TraceId, list[SpanRecord]] = {}
        chosen = sa.select(columns.trace_id, *(columns[name] for name in _SPAN))
        with self._database.read() as connection:
            for ids in _slices(trace_ids):
                statement = chosen.where(columns.trace_id.in_(ids)).order_by(columns.start_ns, columns.id)
                for trace_id, *values in connection.execute(statement):
                    span = SpanRecord(**dict(zip(_SPAN, values, strict=True)))
                    found.setdefault(TraceId(trace_id), []).append(span)
        return found


def _slices(trace_ids: Sequence[TraceId]) -> Iterator[Sequence[TraceId]]:
    return (trace_ids[start : start + _IDS] for start in range(0, len(trace_ids), _IDS))


def _upsert(database: Database, table: Table, *keys: str) -> Any:
    insert = database.insert(table)
    others = {column.name: insert.excluded[column.name] for column in table.c if column.name not in keys}
    return insert.on_conflict_do_update(index_elements=list(keys), set_=others)


def _facts(trace_id: TraceId, facts: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"trace_id": trace_id, "key": key, "value": value} for key, value in sorted(facts.items())]


def _check(connection: Connection, trace_ids: set[TraceId]) -> None:
    if not trace_ids:
        return
    there = set(connection.scalars(sa.select(TRACES.c.id).where(TRACES.c.id.in_(trace_ids))))
    if missing := sorted(trace_ids - there):
        raise NotFoundError(
            f"Expected spans of traces that there are, found some of '{missing[0]}'.", hint="Put the trace first."
        )
