"""Dataset versions: what data was there, and where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from millwright.core.ids import Digest, ErasureId, StepRunId


class DatasetKind(StrEnum):
    """What a dataset's rows are."""

    SOURCE = "source"  # rows as they arrived
    TABLE = "table"  # rows that were typed, computed or changed by key
    FILES = "files"  # files of a folder: one row per file, the bytes in the artifact store
    QUARANTINE = "quarantine"  # rows that broke a contract, with their reasons


class DatasetOperation(StrEnum):
    """How a version came from the one before it."""

    OVERWRITE = "overwrite"  # holds the rows that were written, and no others
    APPEND = "append"  # the former rows, and behind them those that were written
    MERGE = "merge"  # the former rows, those with a written key replaced, the others added
    DELETE = "delete"  # the former rows without some
    ERASE = "erase"  # as delete; the rows were taken out of every former version too
    RESTORE = "restore"  # the rows of an older version


class DatasetState(StrEnum):
    """Whether a version's rows can be read."""

    AVAILABLE = "available"  # from its creation on
    EXPIRED = "expired"  # entered when `mw data vacuum` removed the rows; the record stays, never left


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnSchema:
    """One column of a table.

    Attributes:
        dtype: The Polars name of the type, such as `Int64` or `String`.
    """

    name: str
    dtype: str
    nullable: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class DatasetVersionRecord:
    """One version of one dataset; immutable.

    Attributes:
        dataset: The dataset's name.
        version: 1, 2, 3 … per dataset.
        digest: Over schema and rows, the same for equal tables in any file format.
        table_uri: The Delta table's folder or URL; stores keep it relative to the folder of all tables, which may be
            moved, and the catalog gives it whole.
        table_version: The Delta version that holds exactly these rows.
        rows: Number of rows.
        source_uri: Where the rows came from, as the user named it; None for derived ones.
        source_digest: Digest of the source's bytes.
        details: More facts, JSON values (contract, reasons counted, …).
        operation: How the version came from its parent.
        parent: The version that it was made from; None for the first, and where nothing of a former one is in it.
        state: Whether the rows are still there.
        profile: Digest of the version's profile among the artifacts; None where none was computed.
        contract: The contract that the rows hold, as `name@2`; None where none was checked.
    """

    dataset: str
    version: int
    kind: DatasetKind
    digest: Digest
    table_uri: str
    table_version: int
    rows: int
    columns: tuple[ColumnSchema, ...]
    created_at: datetime
    source_uri: str | None = None
    source_digest: Digest | None = None
    produced_by: StepRunId | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    operation: DatasetOperation = DatasetOperation.OVERWRITE
    parent: int | None = None
    state: DatasetState = DatasetState.AVAILABLE
    profile: Digest | None = None
    contract: str | None = None

    @property
    def ref(self) -> str:
        """How people write it: `schedules@3`."""
        return f"{self.dataset}@{self.version}"


@dataclass(frozen=True, kw_only=True, slots=True)
class DatasetTagRecord:
    """A name for a version, which may be moved; a version with one is never vacuumed.

    Attributes:
        tag: The name, such as `golden`; letters, digits, `.`, `_` and `-`, and not a number.
        actor: Who set it.
    """

    dataset: str
    tag: str
    version: int
    at: datetime
    actor: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceCursorRecord:
    """How far a source was read into a dataset.

    Attributes:
        source: The source as the user named it, without credentials.
        kind: `files`, `column` or `changes`.
        position: JSON values: what was read last (files with their digests, the highest value, the change version).
    """

    dataset: str
    source: str
    kind: str
    position: Mapping[str, Any]
    updated_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ErasureRecord:
    """That rows about somebody were taken out of every version of a dataset. It holds no value that was erased.

    Attributes:
        condition: Which columns named the person; their values are kept as digests only, keyed with a random salt that
            is not kept.
        versions: The versions that held such rows → how many.
        models: Model versions (`name@3`) that were trained on one of those versions.
        actor: Who asked for it.
        reason: Why, in the actor's words.
    """

    id: ErasureId
    dataset: str
    condition: Mapping[str, Any]
    versions: Mapping[str, int]
    models: tuple[str, ...]
    at: datetime
    actor: str
    reason: str
