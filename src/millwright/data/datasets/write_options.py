"""What is known about rows that are written, and how they become a version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from millwright.core.ids import Digest, StepRunId
from millwright.data.contracts.contract import Contract
from millwright.data.datasets.cursor_move import CursorMove
from millwright.data.sources.request import SourceFile

_WAIT_S = 600.0


@dataclass(frozen=True, kw_only=True, slots=True)
class WriteOptions:
    """What is known about rows that are written.

    Attributes:
        source_uri: Where they came from, as the user named it.
        source_digest: Of the source's bytes.
        step_run_id: The step run that wrote them.
        derived_from: References (`name@3`) of the dataset versions that they were made of, for lineage.
        details: More facts for the record, JSON values.
        mode: `overwrite`: the new version holds these rows alone. `append`: those of the latest version, these behind
            them. `merge`: those of the latest version, the ones with a written key replaced in their places, the
            others behind them.
        key: The columns that identify a row: without null or NaN, and no key twice among the rows. Needed by `merge`;
            with `overwrite`, the rows are stored in the order of the key, so that later merges of neighbouring keys
            touch few files. `append` does not look at it.
        evolve: Whether `append` and `merge` may add columns (null in the rows that are there) and widen types
            (`Int32` to `Int64` and the like, which writes the whole table anew). `overwrite` always may change columns.
        expected: The version that the caller took for the latest. When others have written since, `append` goes ahead,
            `merge` does when they left its keys alone, and all else is refused.
        contract: The new version must have its columns with their types; the rows themselves are not checked.
        contract_ref: The contract that the rows were checked against, as `name@2`, for the record.
        files: The source's files with their digests, for lineage; none when the source is one file.
        cursor: How far the source is read with these rows; remembered in the transaction that records them. When
            another has read on since, the write is refused.
        wait_s: For how long to wait for another writer of the same dataset.
    """

    source_uri: str | None = None
    source_digest: Digest | None = None
    step_run_id: StepRunId | None = None
    derived_from: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    mode: Literal["overwrite", "append", "merge"] = "overwrite"
    key: tuple[str, ...] = ()
    evolve: bool = False
    expected: int | None = None
    contract: Contract | None = None
    contract_ref: str | None = None
    files: tuple[SourceFile, ...] = ()
    cursor: CursorMove | None = None
    wait_s: float = _WAIT_S
