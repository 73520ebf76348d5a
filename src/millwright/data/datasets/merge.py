"""Merge: the rows of a version, those with a given key replaced, and new ones behind them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from millwright.core.records.dataset import DatasetOperation
from millwright.data.datasets.append import write_behind
from millwright.data.datasets.change import Base, Change, RowCounts, columns_after
from millwright.data.datasets.data_file import DataFile, write_file
from millwright.data.datasets.evolution import Evolved, conform, evolve
from millwright.data.datasets.key import check_key
from millwright.data.datasets.layout import THREADS, small_tail, write_rows
from millwright.data.datasets.pruning import files_with
from millwright.data.datasets.snapshot import scan_files
from millwright.data.datasets.table_error import table_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.data.contracts.contract import Contract
    from millwright.data.datasets.snapshot import Snapshot


@dataclass(frozen=True, kw_only=True, slots=True)
class _Merged:
    """One file with the rows merged into it.

    Attributes:
        file: The file as it was.
        written: The file that takes its place; None when no row of it changed.
        updated: How many rows changed.
        found: The numbers of the merged rows whose keys it has.
    """

    file: DataFile
    written: DataFile | None
    updated: int
    found: np.ndarray


def merge(
    base: Base, rows: pl.DataFrame, key: Sequence[str], *, may_evolve: bool = False, contract: Contract | None = None
) -> Change | None:
    """Update the rows with the same key in their places, and write the others behind the last row, in their order.

    A row of the table whose key is null matches nothing; of several with the same key each is updated. A row counts as
    updated when a value differs (null is null, NaN is NaN). Files without a changed row stay as they are: keys that lie
    together in a table that was written in the order of its key cost a few files. Scattered over the table, they cost
    what copy on write costs: every file that holds one is written anew.

    Args:
        base: The version to change.
        rows: In normal form, with all columns of the table.
        key: The columns that identify a row.
        may_evolve: Whether they may bring new columns or wider types, see `evolve`.
        contract: What the columns have to keep to.

    Returns:
        None when nothing changes.

    Raises:
        InvalidInputError: The columns are not those of the version, or the key does not identify the rows.
    """
    fit = evolve(base.snapshot.schema, rows, ref=base.record.ref, allowed=may_evolve, contract=contract)
    check_key(fit.rows, key)
    if fit.widened or base.is_old:
        return _merge_whole(base, fit, key)
    snapshot = base.snapshot
    with table_errors(snapshot.uri), ThreadPoolExecutor(THREADS) as pool:
        work = partial(_merge_file, snapshot, fit.rows, tuple(key))
        merged = list(pool.map(work, files_with(snapshot, fit.rows.select(key))))
    new = _not_found(fit.rows, [one.found for one in merged])
    updated = sum(one.updated for one in merged)
    if not updated and new.is_empty() and fit.schema == snapshot.schema:
        return None
    written = {one.file.path: one.written for one in merged if one.written is not None}
    tail = small_tail(snapshot.files) if not new.is_empty() else []
    tail = [] if any(file.path in written for file in tail) else tail
    return Change(
        operation=DatasetOperation.MERGE,
        base=base,
        schema=fit.schema,
        added=(*written.values(), *write_behind(base, new, fit.schema, tail)),
        removed=(*(one.file for one in merged if one.written is not None), *tail),
        counts=RowCounts(added=new.height, updated=updated, unchanged=base.record.rows - updated),
        columns=columns_after(base.record, fit.schema, [fit.rows]),
        behind=new if not updated and fit.schema == snapshot.schema else None,
    )


def _merge_whole(base: Base, fit: Evolved, key: Sequence[str]) -> Change | None:
    """Merge where every file is written anew; takes the memory of the whole table."""
    old = conform(base.snapshot.read(), fit.schema)
    now, updated, found = _merged_rows(old, fit.rows, key)
    new = _not_found(fit.rows, [found])
    if not updated and new.is_empty() and fit.schema == base.snapshot.schema:
        return None
    return Change(
        operation=DatasetOperation.MERGE,
        base=base,
        schema=fit.schema,
        added=tuple(write_rows(base.snapshot.uri, pl.concat([now, new]), place=1)),
        whole=True,
        counts=RowCounts(added=new.height, updated=updated, unchanged=base.record.rows - updated),
        columns=columns_after(base.record, fit.schema, [fit.rows]),
    )


def _merge_file(snapshot: Snapshot, rows: pl.DataFrame, key: tuple[str, ...], file: DataFile) -> _Merged:
    # The keys alone tell for most files that nothing in them is meant.
    keys = scan_files(snapshot.uri, [file], snapshot.schema).select(key)
    if keys.join(rows.lazy().select(key), on=key, how="semi").head(1).collect().is_empty():
        return _Merged(file=file, written=None, updated=0, found=np.empty(0, dtype=np.int64))
    now, updated, found = _merged_rows(conform(snapshot.read_file(file), rows.schema), rows, key)
    written = write_file(snapshot.uri, now, file.place) if updated else None
    return _Merged(file=file, written=written, updated=updated, found=found)


def _merged_rows(old: pl.DataFrame, rows: pl.DataFrame, key: Sequence[str]) -> tuple[pl.DataFrame, int, np.ndarray]:
    """Rows with others merged into them: as they are now, how many changed, and the numbers of those found by key."""
    at, by = "\0at", "\0by"  # no column of a table has such a name
    hits = old.select(key).with_row_index(at).join(rows.select(key).with_row_index(by), on=key, how="inner")
    before, after = old[hits[at]], rows[hits[by]]
    changed = np.zeros(hits.height, dtype=bool)
    for name in rows.columns:
        changed |= before[name].ne_missing(after[name]).to_numpy()
    count = int(changed.sum())
    source = np.arange(old.height, dtype=np.int64)
    source[hits[at].to_numpy()[changed]] = old.height + np.arange(count)
    now = pl.concat([old, after.filter(pl.Series(changed))])[pl.Series(source)] if count else old
    return now, count, hits[by].to_numpy()


def _not_found(rows: pl.DataFrame, found: Sequence[np.ndarray]) -> pl.DataFrame:
    is_new = np.ones(rows.height, dtype=bool)
    for numbers in found:
        is_new[numbers] = False
    return rows.filter(pl.Series(is_new))
