"""Dataset versions: what data was there, and where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from millwright.core.ids import Digest, StepRunId


class DatasetKind(StrEnum):
    """What a dataset's rows are."""

    SOURCE = "source"  # rows as they arrived
    QUARANTINE = "quarantine"  # rows that broke a contract, with their reasons


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

    @property
    def ref(self) -> str:
        """How people write it: `schedules@3`."""
        return f"{self.dataset}@{self.version}"
