"""Tables of traces, their spans and assessments."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Double, ForeignKey, Index, Table, Text

from millwright.storage.backends.sql.column import METADATA, Json, Key, Moment

TRACES = Table(
    "traces",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("experiment_id", Key, nullable=False),
    Column("state", Key, nullable=False),
    Column("requested_at", Moment, nullable=False),
    Column("duration_ms", BigInteger),
    Column("request_preview", Text),
    Column("response_preview", Text),
    Column("client_request_id", Key),
    Index(None, "experiment_id", "requested_at", "id"),
)


def _facts(name: str) -> Table:
    return Table(
        name,
        METADATA,
        Column("trace_id", Key, ForeignKey("traces.id"), primary_key=True),
        Column("key", Key, primary_key=True),
        Column("value", Text, nullable=False),
        sqlite_with_rowid=False,
    )


TRACE_TAGS = _facts("trace_tags")
TRACE_METADATA = _facts("trace_metadata")

TRACE_SPANS = Table(
    "trace_spans",
    METADATA,
    Column("trace_id", Key, ForeignKey("traces.id"), primary_key=True),
    Column("id", Key, primary_key=True),
    Column("name", Key, nullable=False),
    Column("start_ns", BigInteger, nullable=False),
    Column("end_ns", BigInteger),
    Column("parent_id", Key),
    Column("status", Key, nullable=False),
    Column("content", Text, nullable=False),
    Column("type", Key),
    Column("model", Key),
    Column("provider", Key),
    Column("input_cost", Double),
    Column("output_cost", Double),
    Column("total_cost", Double),
    sqlite_with_rowid=False,
)

# What a trace belongs to besides its experiment. Traces are linked before they are there: clients send them later.
TRACE_LINKS = Table(
    "trace_links",
    METADATA,
    Column("kind", Key, primary_key=True),
    Column("target", Key, primary_key=True),
    Column("trace_id", Key, primary_key=True),
    Index(None, "trace_id"),
    sqlite_with_rowid=False,
)

ASSESSMENTS = Table(
    "assessments",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("trace_id", Key, ForeignKey("traces.id"), nullable=False),
    Column("name", Key, nullable=False),
    Column("kind", Key, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("value", Text, nullable=False),
    Column("number", Double),  # the value if it is a number
    Column("error", Json),
    Column("source_type", Key, nullable=False),
    Column("source_id", Key),
    Column("span_id", Key),
    Column("rationale", Text),
    Column("overrides", Key),
    Column("valid", Boolean, nullable=False),
    Column("metadata", Json, nullable=False),
    Column("session", Key),  # whose every trace is assessed with this one
    Index(None, "trace_id"),
    Index(None, "session"),
)
