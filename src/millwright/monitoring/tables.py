"""Drift between any two tables, of which one column is in memory at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.models.column import ColumnType
from millwright.models.signature import column_type
from millwright.monitoring.drift import ColumnDrift, compare_columns
from millwright.monitoring.monitored_column import MonitoredColumn

if TYPE_CHECKING:
    from millwright.monitoring.drift_settings import DriftSettings

_NUMBERS = frozenset((ColumnType.NUMBER, ColumnType.INTEGER))
_KNOWN = frozenset((*_NUMBERS, ColumnType.BOOLEAN, ColumnType.CATEGORY, ColumnType.DATE, ColumnType.TEXT))


@dataclass(frozen=True, kw_only=True, slots=True)
class TypeChange:
    """A column that came in another type.

    Attributes:
        column: Its name.
        reference: What the reference's values are: `integer`, `number`, `boolean`, `date`, `text`, or Polars' name of
            the type where it is none of these.
        current: Likewise what they are now.
    """

    column: str
    reference: str
    current: str

    def __str__(self) -> str:
        return f"{self.column} ({self.reference}, now {self.current})"


@dataclass(frozen=True, slots=True, eq=False)
class TableDrift:
    """What became of a table.

    Attributes:
        columns: Those that both have, in the reference's order.
        missing: Names that only the reference has.
        new: Names that only the other has.
        left_out: Names of both whose type is compared in no way here: lists, structs, binary data.
        retyped: Columns of both whose type is another now; values that do not fit count as missing.
        reference_rows: How many the reference has.
        current_rows: How many the other has.
    """

    columns: tuple[ColumnDrift, ...]
    missing: tuple[str, ...]
    new: tuple[str, ...]
    left_out: tuple[str, ...]
    retyped: tuple[TypeChange, ...]
    reference_rows: int
    current_rows: int


def compare_tables(reference: pl.LazyFrame, current: pl.LazyFrame, settings: DriftSettings | None = None) -> TableDrift:
    """Compare a table with a reference, column by column, from all of their values.

    A scanned Parquet file is read one column at a time: a million rows of twenty columns a side take some 200 MB.

    Args:
        reference: What is usual; a column's type is told by its values here.
        current: What is compared with it. Values that do not fit the column's type count as missing.
        settings: How to decide.

    Raises:
        InvalidInputError: They have no column in common, or one of them has no rows.
    """
    before, now = _Side(reference), _Side(current)
    shared = [name for name in before.names if name in now.names]
    for side, what in ((before, "reference"), (now, "other")):
        if not side.rows:
            raise InvalidInputError(f"The {what} has no rows.", hint="Give two tables with rows.")
    if not shared:
        raise InvalidInputError(
            f"The two tables have no column in common: {_told(before.names)}; {_told(now.names)}.",
            hint="Give two tables of the same kind.",
        )
    kinds = {name: before.kind(name) for name in shared}
    columns = [MonitoredColumn(name, kind) for name, kind in kinds.items() if kind in _KNOWN]
    found = compare_columns(columns, before, now, settings)
    return TableDrift(
        columns=tuple(found),
        missing=tuple(name for name in before.names if name not in now.names),
        new=tuple(name for name in now.names if name not in before.names),
        left_out=tuple(name for name, kind in kinds.items() if kind not in _KNOWN),
        retyped=tuple(change for name in shared if (change := _retyped(name, before, now)) is not None),
        reference_rows=before.rows,
        current_rows=now.rows,
    )


class _Side:
    """The columns of a table, of which the last one that was asked for is kept."""

    def __init__(self, table: pl.LazyFrame) -> None:
        self._table = table
        self._schema = table.collect_schema()
        self.names = self._schema.names()
        self.rows = int(table.select(pl.len()).collect().item())
        self._kept: tuple[str, ColumnType | None, pl.Series] | None = None

    def kind(self, name: str) -> ColumnType | None:
        """A column's type; the values of texts alone are needed to tell."""
        dtype = self._schema[name]
        return column_type(self._read(name) if dtype == pl.String else pl.Series(name, [], dtype))

    def what(self, name: str) -> str:
        """What a column's values are, for people; empty where all are missing. No value is read."""
        dtype = self._schema[name]
        if dtype == pl.Null:
            return ""
        if dtype in (pl.String, pl.Categorical, pl.Enum):
            return "text"
        kind = column_type(pl.Series(name, [], dtype))
        return str(dtype) if kind is None else kind.value

    def has_fractions(self, name: str) -> bool:
        """Whether a number of the column is no whole one."""
        value = pl.col(name)
        return bool(self._table.select((value.is_finite() & (value % 1 != 0)).any()).collect().item())

    def _read(self, name: str) -> pl.Series:
        return self._table.select(pl.col(name)).collect().to_series()

    def __getitem__(self, column: MonitoredColumn) -> pl.Series:
        if self._kept is None or self._kept[:2] != (column.name, column.type):
            self._kept = None
            self._kept = (column.name, column.type, _conformed(self._read(column.name), column.type))
        return self._kept[2]


def _retyped(name: str, before: _Side, now: _Side) -> TypeChange | None:
    """None where the types are alike, as whole numbers are however they are kept, or one is of no known values.

    A code may stand for a category, as for the check of data quality: text may become integers.
    """
    reference, current = before.what(name), now.what(name)
    if reference == current or not reference or not current or (reference, current) == ("text", "integer"):
        return None
    if {reference, current} == {kind.value for kind in _NUMBERS}:
        fractional = now if current == ColumnType.NUMBER.value else before
        if not fractional.has_fractions(name):
            return None
    return TypeChange(column=name, reference=reference, current=current)


def _conformed(values: pl.Series, kind: ColumnType) -> pl.Series:
    if kind in _NUMBERS:
        numbers = values.cast(pl.Float64, strict=False)
        return numbers.set(~numbers.is_finite(), None)
    return values if kind is ColumnType.DATE else values.cast(pl.String, strict=False)


def _told(names: list[str]) -> str:
    shown = ", ".join(names[:5])
    return f"{shown}, …" if len(names) > 5 else shown
