"""Tables of summaries of the prediction log, and of the segments that are in them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table

from millwright.storage.backends.sql.column import METADATA, Key, Moment

WINDOW_SUMMARIES = Table(
    "window_summaries",
    METADATA,
    Column("endpoint", Key, primary_key=True),
    Column("span", Key, primary_key=True),
    Column("start", Moment, primary_key=True),
    Column("model", Key, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("grid", Key, primary_key=True),
    Column("rows", BigInteger, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("latency", LargeBinary, nullable=False),
    Column("cells", LargeBinary, nullable=False),
    Index(None, "span", "start"),
)

FOLDED_SEGMENTS = Table(
    "folded_segments",
    METADATA,
    Column("endpoint", Key, primary_key=True),
    Column("name", Key, primary_key=True),
)

# One row per endpoint: who folds changes it first, and so keeps others waiting.
FOLDS = Table(
    "folds",
    METADATA,
    Column("endpoint", Key, primary_key=True),
    Column("folds", BigInteger, nullable=False),
    Column("segments", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("folded_at", Moment, nullable=False),
)
