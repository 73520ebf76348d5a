"""What of a model's columns is compared, and how.

| signature type    | compared as                                                                              |
|-------------------|------------------------------------------------------------------------------------------|
| number, integer   | numeric                                                                                  |
| boolean, category | categorical                                                                              |
| text              | numeric: its length in characters, which is what the model sees of it                    |
| date              | categorical: present or missing; the calendar moves on by itself and would always drift  |
| tensor            | by its vectors: see `embedding`; not here                                                |
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.conform import conform
from millwright.models.moment import parse_moment
from millwright.monitoring.statistics.column import ColumnKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.models.signature import Signature
    from millwright.monitoring.column_table import Table

_KINDS = {
    ColumnType.NUMBER: ColumnKind.NUMERIC,
    ColumnType.INTEGER: ColumnKind.NUMERIC,
    ColumnType.TEXT: ColumnKind.NUMERIC,
    ColumnType.BOOLEAN: ColumnKind.CATEGORICAL,
    ColumnType.CATEGORY: ColumnKind.CATEGORICAL,
    ColumnType.DATE: ColumnKind.CATEGORICAL,
}
_MOMENT = pl.Datetime("us")
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
    inputs = [MonitoredColumn(column.name, column.type) for column in signature.inputs if not _is_tensor(column)]
    # A class of any type is a category here; probabilities and predicted numbers are numbers.
    outputs = [
        MonitoredColumn(
            column.name, ColumnType.CATEGORY if _is_class(column.name, signature) else ColumnType.NUMBER, output=True
        )
        for column in signature.outputs
        if not _is_tensor(column)
    ]
    return (*inputs, *outputs)


def input_frame(rows: Sequence[Mapping[str, Any]], signature: Signature) -> pl.DataFrame:
    """Logged feature rows as a typed table; values that do not fit their column's type become null.

    Args:
        rows: JSON objects; absent names are null, unknown ones ignored.
        signature: Of the model that was asked.

    Returns:
        n rows, as `models.conform` gives them, without columns of tensors.
    """
    signature = without_tensors(signature)
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
            if not _is_tensor(column)
            else pl.Series(column.name, [None] * len(rows), dtype=pl.Float64)
            for column in signature.outputs
        ]
    )


def input_table(features: pl.DataFrame, signature: Signature, *, rows: int) -> pl.DataFrame:
    """Logged features by column as a typed table: what `input_frame` makes of rows.

    Args:
        features: As the prediction log gives them by column; unknown columns are ignored, absent ones null.
        signature: Of the model that was asked.
        rows: How many there are, n; a table without columns does not tell.

    Returns:
        n rows, as `models.conform` gives them, without columns of tensors. Null where a value does not fit its column's
        type; a number that was logged as text is a number.
    """
    signature = without_tensors(signature)
    columns = [_cast(features, column.name, _RAW_DTYPES[column.type], rows) for column in signature.inputs]
    dates = {column.name for column in signature.inputs if column.type is ColumnType.DATE}
    columns = [_moments(series) if series.name in dates else series for series in columns]
    return conform(pl.DataFrame({series.name: series for series in columns}), signature)


def output_table(outputs: Table, signature: Signature, *, rows: int) -> pl.DataFrame:
    """Logged answers by column as a table: what `output_frame` makes of rows.

    Args:
        outputs: As the prediction log gives them by column.
        signature: Of the model that answered.
        rows: How many there are.
    """
    columns = {}
    for column in signature.outputs:
        if _is_tensor(column):
            columns[column.name] = pl.Series(column.name, [None], dtype=pl.Float64).new_from_index(0, rows)
        else:
            dtype = pl.String if _is_class(column.name, signature) else pl.Float64
            columns[column.name] = _cast(outputs, column.name, dtype, rows)
    return pl.DataFrame(columns)


def _moments(series: pl.Series) -> pl.Series:
    """Texts as moments, null for what is none: `conform` takes a table with one such text for the wrong table."""
    texts = series.drop_nulls().unique()
    moments = pl.Series([parse_moment(text) for text in texts], dtype=_MOMENT)
    return series.replace_strict(texts, moments, default=None, return_dtype=_MOMENT)


def _cast(frame: Table, name: str, dtype: Any, rows: int) -> pl.Series:
    found = frame.get_column(name) if name in frame.columns else None
    if found is None or found.dtype.is_nested():
        return pl.Series(name, [None], dtype=dtype).new_from_index(0, rows)
    if dtype == pl.Boolean and found.dtype == pl.String:  # the log has them so where rows have other types, too
        return found.replace_strict({"true": True, "false": False}, default=None, return_dtype=pl.Boolean)
    return found.cast(dtype, strict=False)


def without_tensors(signature: Signature) -> Signature:
    """A signature of the columns that are single values: those that all but `embedding` look at."""
    if not signature.tensors:
        return signature
    return replace(signature, inputs=tuple(each for each in signature.inputs if not _is_tensor(each)))


def without_dates(signature: Signature) -> Signature:
    """A signature of the columns that tell what rows are like: no tensors, and no dates, which are new on each day."""
    left_out = {ColumnType.TENSOR, ColumnType.DATE}
    return replace(signature, inputs=tuple(each for each in signature.inputs if each.type not in left_out))


def _is_tensor(column: SignatureColumn) -> bool:
    return column.type is ColumnType.TENSOR


def _is_class(name: str, signature: Signature) -> bool:
    return name == "prediction" and signature.task.is_classification
