"""Overwrite: a version of the rows that are given, and no others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.records.dataset import DatasetOperation
from millwright.data.datasets.change import Change, RowCounts
from millwright.data.datasets.content_digest import content_digest
from millwright.data.datasets.delta import ensure_table
from millwright.data.datasets.layout import write_rows
from millwright.data.datasets.normal_form import column_schemas

if TYPE_CHECKING:
    import polars as pl

    from millwright.core.ids import Digest
    from millwright.core.records.dataset import DatasetVersionRecord


def overwrite(
    uri: str,
    rows: pl.DataFrame,
    *,
    digest: Digest | None = None,
    former: DatasetVersionRecord | None = None,
    operation: DatasetOperation = DatasetOperation.OVERWRITE,
) -> Change:
    """Write rows as a whole table.

    Args:
        uri: The table's folder or URL; it is made when it is not there.
        rows: In normal form; may be none.
        digest: Their content digest, when it is known.
        former: The version before, whose rows count as removed.
        operation: What the record says; a first append or merge is one too.
    """
    ensure_table(uri, rows.schema)
    return Change(
        operation=operation,
        base=None,
        schema=rows.schema,
        added=tuple(write_rows(uri, rows, place=1)),
        whole=True,
        counts=RowCounts(added=rows.height, removed=0 if former is None else former.rows),
        columns=column_schemas(rows),
        digest=digest or content_digest(rows),
        frame=rows,
    )
