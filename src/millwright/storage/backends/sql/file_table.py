"""Table of named artifacts."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Table

from millwright.storage.backends.sql.column import METADATA, Key, Moment

# Clustered as it is read: what stands in one folder lies side by side, by name. Folders have rows of their own, so
# that a listing reads no more than it gives.
FILES = Table(
    "files",
    METADATA,
    Column("folder", Key, primary_key=True),
    Column("name", Key, primary_key=True),
    Column("is_folder", Boolean(create_constraint=False), nullable=False),
    Column("digest", Key),
    Column("size_bytes", BigInteger, nullable=False),
    Column("modified_at", Moment, nullable=False),
    Index(None, "digest"),
    sqlite_with_rowid=False,
)
