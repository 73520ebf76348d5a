"""What of a model's columns is compared, and how.

| signature type    | compared as                                                                              |
|-------------------|------------------------------------------------------------------------------------------|
| number, integer   | numeric                                                                                  |
| boolean, category | categorical                                                                              |
| text              | numeric: its length in characters, which is what the model sees of it                    |
| date              | categorical: present or missing; the calendar moves on by itself and would always drift  |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.models.column import ColumnType
from millwright.models.conform import conform
from millwright.monitoring.statistics.column import ColumnKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.models.signature import Signature

_KINDS = {
    ColumnType.NUMBER: ColumnKind.NUMERIC,
    ColumnType.INTEGER: ColumnKind.NUMERIC,
    ColumnType.TEXT: ColumnKind.NUMERIC,
    ColumnType.BOOLEAN: ColumnKind.CATEGORICAL,
    ColumnType.CATEGORY: ColumnKind.CATEGORICAL,
    ColumnType.DATE: ColumnKind.CATEGORICAL,
}
_RAW_DTYPES: Mapping[ColumnType, Any] = {
    ColumnType.NUMBER: pl.Float64,
    ColumnType.INTEGER: pl.Float64,
    ColumnType.BOOLEAN: pl.Boolean,
    ColumnType.CATEGORY: pl.String,
    ColumnType.DATE: pl.String,  # ISO 8601 in the log
    ColumnType.TEXT: pl.String,
}


@dataclass(frozen=True, slots=True)
class MonitoredColumn:
    """One column under watch.

    Attributes:
        name: As in the signature.
        type: Its type there.
        output: Whether the model answers with it, rather than being asked with it.
    """

    name: str
    type: ColumnType
    output: bool = False

    @property
    def kind(self) -> ColumnKind:
        """How its values are compared."""
        return _KINDS[self.type]

    def view(self, series: pl.Series) -> pl.Series:
        """The values to compare, from conformed ones: numbers, or text for categories; nulls stay nulls."""
        if self.type is ColumnType.TEXT:
            return series.str.len_chars().cast(pl.Float64)
        if self.type is ColumnType.DATE:
            return pl.select(pl.when(series.is_not_null()).then(pl.lit("present"))).to_series()
        return series


def monitored_columns(signature: Signature) -> tuple[MonitoredColumn, ...]:
    """The inputs, then the outputs, of a model."""
    inputs = [MonitoredColumn(column.name, column.type) for column in signature.inputs]
    # A class of any type is a category here; probabilities and predicted numbers are numbers.
    outputs = [
        MonitoredColumn(
            column.name, ColumnType.CATEGORY if _is_class(column.name, signature) else ColumnType.NUMBER, output=True
        )
        for column in signature.outputs
    ]
    return (*inputs, *outputs)


def input_frame(rows: Sequence[Mapping[str, Any]], signature: Signature) -> pl.DataFrame:
    """Logged feature rows as a typed table; values that do not fit their column's type become null.

    Args:
        rows: JSON objects; absent names are null, unknown ones ignored.
        signature: Of the model that was asked.

    Returns:
        n rows, as `models.conform` gives them.
    """
    columns = [
        pl.Series(column.name, [row.get(column.name) for row in rows], dtype=_RAW_DTYPES[column.type], strict=False)
        for column in signature.inputs
    ]
    return conform(pl.DataFrame(columns), signature)


def output_frame(rows: Sequence[Mapping[str, Any]], signature: Signature) -> pl.DataFrame:
    """Logged answers as a table: classes as text, probabilities and numbers as Float64; absent ones null."""
    return pl.DataFrame(
        [
            pl.Series(
                column.name,
                [row.get(column.name) for row in rows],
                dtype=pl.String if _is_class(column.name, signature) else pl.Float64,
                strict=False,
            )
            for column in signature.outputs
        ]
    )


def _is_class(name: str, signature: Signature) -> bool:
    return name == "prediction" and signature.task.is_classification
