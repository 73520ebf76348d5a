"""Types a chunk after the signature and parts the rows that do not fit, with the reasons."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.deployment.violation import reason
from millwright.models.check import Violation
from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.conform import standing_in
from millwright.models.moment import parse_moment
from millwright.models.policy import NanPolicy, UnseenPolicy
from millwright.models.tensor.series import tensor_dtype, tensor_series

if TYPE_CHECKING:
    from millwright.models.signature import Signature

ROW = "_row"
REASONS = "_reasons"

_SMALLEST_INTEGER, _LARGEST_INTEGER = -(2.0**63), 2.0**64  # as in requests
_PLAIN = {ColumnType.NUMBER, ColumnType.INTEGER, ColumnType.BOOLEAN}
_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True, kw_only=True, slots=True)
class Screened:
    """A chunk, parted.

    Attributes:
        inputs: The signature's columns of the rows that fit, typed, k rows.
        good: The same rows as they came, with all their columns, k rows.
        bad: The other rows as they came, with `_row` (from 0, over the whole table) and `_reasons` (text).
        violations: What is wrong with them.
    """

    inputs: pl.DataFrame
    good: pl.DataFrame
    bad: pl.DataFrame
    violations: tuple[Violation, ...]


class Screen:
    """Checks tables as requests are checked: the same rows pass, and the reasons read alike.

    Text, as CSV has it, is read as the column's type: numbers, `true` and `false` in any case, ISO 8601 dates. Blanks
    around it go; empty text, and NaN for a number, is missing. Integers stand for categories and text. Arrays are lists
    or fixed-size lists of Arrow, nested, or flat in row-major order where the shape is fixed. Columns that the
    signature does not know are left alone.

    Args:
        signature: What rows must fit.
    """

    def __init__(self, signature: Signature) -> None:
        self._signature = signature

    def screen(self, frame: pl.DataFrame, first_row: int) -> Screened:
        """Part one chunk.

        Args:
            frame: All required columns, and any others; any number of rows.
            first_row: The place of its first row in the whole table.
        """
        present = [column for column in self._signature.inputs if column.name in frame.columns]
        raw: list[pl.Series] = []
        read: list[pl.Series] = []
        fits: pl.Series | None = None  # all of them, as long as no column says otherwise
        for column in present:
            series = frame.get_column(column.name)
            if _all_fit(series, column):
                raw.append(series)
                read.append(series.cast(pl.Float64))
                continue
            raw.append(self._raw(series, column))
            read.append(self._read(raw[-1], column))
            there = read[-1].is_not_null()
            fit = there | raw[-1].is_null() if column.nullable else there
            fits = fit if fits is None else fits & fit
        inputs = pl.DataFrame(read)
        if fits is None or fits.all():
            none = frame.clear().with_columns(pl.Series(ROW, [], pl.Int64), pl.Series(REASONS, [], pl.String))
            return Screened(inputs=self._filled(inputs), good=frame, bad=none, violations=())
        seen = (inputs.filter(~fits).to_dicts(), pl.DataFrame(raw).filter(~fits).to_dicts())
        bad, violations = self._bad(frame, ~fits, seen, first_row)
        return Screened(
            inputs=self._filled(inputs.filter(fits)), good=frame.filter(fits), bad=bad, violations=violations
        )

    def typed(self, good: pl.DataFrame) -> pl.DataFrame:
        """Rows that fit, with numbers, integers and booleans in these types where they came as text.

        Raises:
            InvalidInputError: An integer needs more than 64 bits with a sign.
        """
        columns = [
            _typed(_without_blanks(good.get_column(column.name), column), column)
            for column in self._signature.inputs
            if column.type in _PLAIN and good.schema.get(column.name) == pl.String
        ]
        return good.with_columns(columns)

    def _read(self, raw: pl.Series, column: SignatureColumn) -> pl.Series:
        """The column's values in its type; null where they do not fit, or are refused categories."""
        if column.type is ColumnType.TENSOR:
            allows_nan = self._signature.nan is NanPolicy.ALLOW
            arrays = tensor_series(raw, column, allows_nan=allows_nan)
            return _nothing(raw, tensor_dtype(column)) if arrays is None else arrays
        values = _read(raw, column)
        if column.type is ColumnType.CATEGORY and self._signature.unseen is UnseenPolicy.REFUSE:
            return values.set(_unseen(values, column), None)
        return values

    def _raw(self, series: pl.Series, column: SignatureColumn) -> pl.Series:
        """The column's values without blanks, and with the default for unseen categories where the policy says so."""
        raw = _without_blanks(series, column)
        if column.type is not ColumnType.CATEGORY or self._signature.unseen is not UnseenPolicy.DEFAULT:
            return raw
        text = raw.cast(pl.String) if raw.dtype.is_integer() else raw
        return text.set(_unseen(text, column), column.default) if text.dtype == pl.String else raw

    def _filled(self, inputs: pl.DataFrame) -> pl.DataFrame:
        """Rows that fit, with defaults for nulls where the policy says so; what is absent, `conform` fills."""
        if self._signature.nan is not NanPolicy.DEFAULT:
            return inputs
        return inputs.with_columns(
            _with_default(inputs.get_column(column.name), column)
            for column in self._signature.inputs
            if column.name in inputs.columns and column.default is not None
        )

    def _bad(
        self,
        frame: pl.DataFrame,
        mask: pl.Series,
        seen: tuple[list[dict[str, Any]], list[dict[str, Any]]],
        first_row: int,
    ) -> tuple[pl.DataFrame, tuple[Violation, ...]]:
        # What the check is to judge: the typed value, or what could not be typed.
        rows = [
            {name: raw[name] if value is None else value for name, value in typed.items()}
            for typed, raw in zip(*seen, strict=True)
        ]
        violations = self._signature.check_rows(rows, limit=sys.maxsize)
        told: list[list[str]] = [[] for _ in rows]
        for violation in violations:
            told[violation.row].append(reason(violation))
        numbers = mask.arg_true().cast(pl.Int64) + first_row
        bad = frame.filter(mask).with_columns(
            numbers.alias(ROW), pl.Series(REASONS, ["; ".join(reasons) for reasons in told], dtype=pl.String)
        )
        return bad, tuple(violations)


def _all_fit(series: pl.Series, column: SignatureColumn) -> bool:
    """Whether a glance tells that all values are numbers as the signature wants them, as they mostly are."""
    if column.type is not ColumnType.NUMBER or not (column.nullable or not series.null_count()):
        return False
    # Of finite numbers only is the sum finite; should it overflow, the values are looked at one by one.
    return series.dtype in (pl.Float64, pl.Float32) and math.isfinite(series.sum())


def _with_default(series: pl.Series, column: SignatureColumn) -> pl.Series:
    if column.type is ColumnType.TENSOR:
        return series.zip_with(series.is_not_null(), standing_in(column, len(series)))
    return series.fill_null(standing_in(column, 1).item())


def _unseen(values: pl.Series, column: SignatureColumn) -> pl.Series:
    return values.is_not_null() & ~values.is_in(list(column.categories))


def _without_blanks(series: pl.Series, column: SignatureColumn) -> pl.Series:
    """The values, with null for whatever means that there is none; free text stays as it is."""
    if series.dtype in (pl.Categorical, pl.Enum):
        series = series.cast(pl.String)
    if series.dtype.is_float():
        return series.fill_nan(None)
    if series.dtype != pl.String or column.type is ColumnType.TEXT:
        return series
    stripped = series.str.strip_chars()
    none = stripped == ""
    if column.type in (ColumnType.NUMBER, ColumnType.INTEGER):
        none |= stripped.str.to_lowercase() == "nan"
    return stripped.set(none, None)


def _read(raw: pl.Series, column: SignatureColumn) -> pl.Series:
    """The column's values in its type; null where they are missing or do not fit."""
    kind = column.type
    if kind in (ColumnType.NUMBER, ColumnType.INTEGER):
        return _numbers(raw, whole=kind is ColumnType.INTEGER)
    if kind is ColumnType.BOOLEAN:
        return _booleans(raw)
    if kind is ColumnType.DATE:
        return _moments(raw)
    if raw.dtype == pl.String or raw.dtype.is_integer():
        return raw.cast(pl.String)
    return _nothing(raw, pl.String())


def _typed(raw: pl.Series, column: SignatureColumn) -> pl.Series:
    values = _read(raw, column)
    if column.type is not ColumnType.INTEGER:
        return values
    whole = raw.cast(pl.Int64, strict=False)  # not from floats, which would lose the last digits of large ones
    whole = whole.zip_with(whole.is_not_null(), values.cast(pl.Int64, strict=False))
    if whole.null_count() > values.null_count():
        raise InvalidInputError(
            f"Column '{column.name}' holds integers that need more than 64 bits with a sign.",
            hint="Write to a CSV file, which keeps them as text.",
        )
    return whole


def _numbers(raw: pl.Series, *, whole: bool) -> pl.Series:
    if raw.dtype == pl.String:
        values = raw.cast(pl.Float64, strict=False)
    elif raw.dtype.is_numeric():
        values = raw.cast(pl.Float64)
    else:
        return _nothing(raw, pl.Float64())
    fits = values.is_finite()
    if whole:
        fits &= (values == values.floor()) & (values >= _SMALLEST_INTEGER) & (values < _LARGEST_INTEGER)
    return values.set(~fits.fill_null(value=False), None)


def _booleans(raw: pl.Series) -> pl.Series:
    if raw.dtype == pl.Boolean:
        return raw
    if raw.dtype == pl.String:
        return raw.str.to_lowercase().replace_strict(_BOOLEANS, default=None, return_dtype=pl.Boolean)
    return _nothing(raw, pl.Boolean())


def _moments(raw: pl.Series) -> pl.Series:
    if raw.dtype in (pl.Date, pl.Datetime):
        return raw
    kind = pl.Datetime("us")
    if raw.dtype != pl.String:
        return _nothing(raw, kind)
    known = raw.drop_nulls().unique().to_list()
    moments = pl.Series(raw.name, [parse_moment(text) for text in known], dtype=kind)
    return raw.replace_strict(pl.Series(known, dtype=pl.String), moments, default=None, return_dtype=kind)


def _nothing(raw: pl.Series, dtype: pl.DataType) -> pl.Series:
    return pl.Series(raw.name, [None], dtype=dtype).new_from_index(0, len(raw))
