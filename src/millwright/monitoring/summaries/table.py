"""The columns of a model as summaries of one window."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import polars as pl

from millwright.core.digest import digest_json
from millwright.core.errors import IntegrityError, InvalidInputError
from millwright.core.ids import Digest
from millwright.data.profiles.measuring import suspected
from millwright.monitoring.monitored_column import MonitoredColumn, monitored_columns
from millwright.monitoring.statistics.column import ColumnKind
from millwright.monitoring.summaries.categorical.grid import CategoricalGrid
from millwright.monitoring.summaries.grid import ColumnSummary, Grid
from millwright.monitoring.summaries.numeric.grid import NumericGrid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.models.signature import Signature
    from millwright.monitoring.column_table import Table
    from millwright.monitoring.reference import Reference
    from millwright.monitoring.statistics.column import Column

_FORMAT = 1
_FAST = 1  # level of zlib; most cells are empty


@dataclass(frozen=True, slots=True, eq=False)
class TableGrid:
    """The cells of all columns of a version.

    Attributes:
        columns: Column → its cells.
        digest: Tells these cells from those of another reference; counts of different ones cannot be added.
        reference: The reference counted in them.
        personal: Those that are suspected to hold personal data, so that no value of them is shown.
    """

    columns: Mapping[MonitoredColumn, Grid[Any]]
    digest: Digest
    reference: TableSummary
    personal: frozenset[MonitoredColumn] = frozenset()

    @classmethod
    def of(cls, reference: Reference, signature: Signature) -> TableGrid:
        """The cells for a version: of its features from the training rows, of its answers from the held-out ones."""
        frames = {True: reference.answers.outputs, False: reference.training.inputs}
        columns = monitored_columns(signature)
        values = {column: _view(column, frames[column.output]) for column in columns}
        grids = {column: _grid(column, series) for column, series in values.items()}
        described = [[column.name, column.type.value, column.output, grids[column].describe()] for column in columns]
        digest = digest_json(described)
        counted = {column: grids[column].count(series) for column, series in values.items()}
        personal = frozenset(column for column in columns if suspected(frames[column.output].get_column(column.name)))
        return cls(grids, digest, TableSummary(digest, reference.training.inputs.height, counted), personal)

    def summarize(self, inputs: Table, outputs: pl.DataFrame) -> TableSummary:
        """A window's rows as a summary.

        Args:
            inputs: n rows of features (`monitored_column.input_frame`).
            outputs: Their n answers (`monitored_column.output_frame`).
        """
        counted = {
            column: grid.count(_view(column, outputs if column.output else inputs))
            for column, grid in self.columns.items()
        }
        return TableSummary(self.digest, inputs.height, counted)

    def pair(self, column: MonitoredColumn, current: TableSummary, *, bins: int, levels: int) -> Column:
        """One column of the reference and of a window, for the statistics.

        Args:
            column: Which one.
            current: The window.
            bins: Into how many cells of equal share a numeric reference is cut.
            levels: How many categories are kept apart.
        """
        before, now = self.reference.columns[column], current.columns[column]
        return self.columns[column].pair(before, now, bins=bins, levels=levels)


@dataclass(frozen=True, slots=True, eq=False)
class TableSummary:
    """A window: how many rows, and a summary of each column. Two of the same cells merge into that of both windows.

    Attributes:
        grid: The digest of the cells.
        rows: Rows of the window.
        columns: Column → its summary.
    """

    grid: Digest
    rows: int
    columns: Mapping[MonitoredColumn, ColumnSummary]

    def merge(self, other: TableSummary) -> TableSummary:
        """The summary of both windows; in whichever order, but for the last digits of sums.

        Raises:
            InvalidInputError: They were counted in different cells.
        """
        if self.grid != other.grid:
            raise InvalidInputError(
                "Expected summaries that were counted in the cells of one reference, found two.",
                hint="Compare windows of one version, or count again with: mw monitor backfill",
            )
        merged = {column: found.merge(other.columns[column]) for column, found in self.columns.items()}
        return TableSummary(self.grid, self.rows + other.rows, merged)

    def to_bytes(self) -> bytes:
        """As bytes: MessagePack in zlib, with the cells that are not empty."""
        packed = {
            "format": _FORMAT,
            "grid": self.grid,
            "rows": self.rows,
            "columns": [found.pack() for found in self.columns.values()],
        }
        return zlib.compress(msgspec.msgpack.encode(packed), _FAST)

    @classmethod
    def from_bytes(cls, data: bytes, grid: TableGrid) -> TableSummary:
        """A summary from what `to_bytes` gave.

        Args:
            data: The bytes.
            grid: The cells that it was counted in.

        Raises:
            InvalidInputError: It was counted in others, or is of a newer format.
            IntegrityError: The bytes are something else.
        """
        try:
            found: dict[str, Any] = msgspec.msgpack.decode(zlib.decompress(data))
            version, digest = found["format"], found["grid"]
        except (zlib.error, msgspec.DecodeError, KeyError, TypeError) as error:
            raise IntegrityError(f"Expected a summary of a window, found something else ({error}).") from error
        if version != _FORMAT:
            raise InvalidInputError(
                f"Expected a summary of format {_FORMAT}, found {version}.",
                hint="Use the Millwright that wrote it, or a newer one.",
            )
        if digest != grid.digest:
            raise InvalidInputError(
                "Expected a summary that was counted in the cells of this reference, found another's."
            )
        columns = {
            column: cells.unpack(packed)
            for (column, cells), packed in zip(grid.columns.items(), found["columns"], strict=True)
        }
        return cls(grid.digest, found["rows"], columns)


def merge_all(summaries: Sequence[TableSummary]) -> TableSummary:
    """The summary of several windows of one grid, at least one."""
    return reduce(TableSummary.merge, summaries)


def _view(column: MonitoredColumn, frame: Table) -> pl.Series:
    found = column.view(frame.get_column(column.name))
    return found.cast(pl.Float64 if column.kind is ColumnKind.NUMERIC else pl.String)


def _grid(column: MonitoredColumn, values: pl.Series) -> Grid[Any]:
    if column.kind is ColumnKind.CATEGORICAL:
        return CategoricalGrid.of(values.drop_nulls())
    present = values.drop_nulls().to_numpy()
    return NumericGrid.of(present[np.isfinite(present)])
