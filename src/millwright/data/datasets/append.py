"""Append: the rows of a version, and others behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from millwright.core.records.dataset import DatasetOperation
from millwright.data.datasets.change import Base, Change, RowCounts, columns_after
from millwright.data.datasets.evolution import conform, evolve
from millwright.data.datasets.layout import small_tail, write_rows
from millwright.data.datasets.snapshot import scan_files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.data.contracts.contract import Contract
    from millwright.data.datasets.data_file import DataFile


def append(
    base: Base, rows: pl.DataFrame, *, may_evolve: bool = False, contract: Contract | None = None
) -> Change | None:
    """Write rows to stand behind those of a version; what is there is not read.

    Costs what the rows cost, except that a type that becomes wider writes the whole table anew, and that many small
    files at the end are written anew as one (see `small_tail`).

    Args:
        base: The version to go on from.
        rows: In normal form.
        may_evolve: Whether they may bring new columns or wider types, see `evolve`.
        contract: What the columns have to keep to.

    Returns:
        None when nothing changes.

    Raises:
        InvalidInputError: The columns are not those of the version.
    """
    fit = evolve(base.snapshot.schema, rows, ref=base.record.ref, allowed=may_evolve, contract=contract)
    if rows.is_empty() and fit.schema == base.snapshot.schema:
        return None
    whole = fit.widened or base.is_old
    replaced = base.snapshot.files if whole else small_tail(base.snapshot.files)
    return Change(
        operation=DatasetOperation.APPEND,
        base=base,
        schema=fit.schema,
        added=tuple(write_behind(base, fit.rows, fit.schema, replaced)),
        removed=tuple(replaced),
        whole=whole,
        counts=RowCounts(added=rows.height, unchanged=base.record.rows),
        columns=columns_after(base.record, fit.schema, [fit.rows]),
        behind=fit.rows if fit.schema == base.snapshot.schema else None,
    )


def write_behind(base: Base, rows: pl.DataFrame, schema: pl.Schema, tail: Sequence[DataFile]) -> list[DataFile]:
    """Write rows as files to stand behind those of a version.

    Args:
        base: The version.
        rows: With the columns of `schema`.
        schema: The new version's columns.
        tail: Files at the version's end that are written anew, in front of the rows.
    """
    if not tail:
        return write_rows(base.snapshot.uri, rows, place=base.next_place)
    old = conform(scan_files(base.snapshot.uri, tail, base.snapshot.schema).collect(), schema)
    return write_rows(base.snapshot.uri, pl.concat([old, rows], rechunk=False), place=max(tail[0].place, 1))
