"""Decides which raw columns a model can learn from, with the reason for each one that it cannot."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from millwright.models.column import ColumnType
from millwright.models.encoder import MAX_CATEGORIES
from millwright.models.signature import column_type

_ID_NAME = re.compile(r"(^|[\W_])(id|ids|key|uuid|guid|index|idx|row|rownum|nr|no|number)$", re.IGNORECASE)
_ID_CAMEL = re.compile(r"[a-z](Id|ID|Key|UUID)$")
_ID_SHARE = 0.98
_MIN_ID_ROWS = 20


@dataclass(frozen=True, slots=True)
class DroppedColumn:
    """A column that is not learned from.

    Attributes:
        reason: For people: "constant", "empty", "an identifier: …", ….
    """

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A column that is learned from, and a note where it is not taken as it is."""

    name: str
    type: ColumnType
    note: str = ""


def triage(series: pl.Series, target: pl.Series) -> Kept | DroppedColumn:
    """Judges one column.

    Dropped: columns without a value, with one value and no nulls, of a type no model takes, equal to the target, and
    identifiers. An identifier is text without blanks of which 98 % or more differ, or integers that all differ and
    either count up by one or are named like an identifier (id, key, number, …).

    Args:
        series: The raw column, n rows.
        target: The target, n rows.
    """
    name = series.name
    values = series.drop_nulls()
    if values.dtype.is_float():
        values = values.filter(values.is_finite())
    if len(values) == 0:
        return DroppedColumn(name, "empty: no value in any row")
    kind = column_type(series)
    if kind is None:
        return DroppedColumn(name, f"of type {series.dtype}, which models do not take")
    distinct = values.n_unique()
    if distinct == 1 and len(values) == len(series):
        return DroppedColumn(name, f"constant: {values[0]!r} in every row")
    if _equals(series, target):
        return DroppedColumn(name, "equal to the target")
    reason = _identifier(values, distinct, kind)
    if reason:
        return DroppedColumn(name, reason)
    note = ""
    if kind is ColumnType.TEXT:
        note = "free text: only its length is used"
    elif kind is ColumnType.CATEGORY and distinct > MAX_CATEGORIES:
        note = f"{distinct:,} categories: the {MAX_CATEGORIES} most frequent are told apart"
    return Kept(name, kind, note)


def _equals(series: pl.Series, target: pl.Series) -> bool:
    if series.dtype.is_numeric() and target.dtype.is_numeric():
        return bool((series.cast(pl.Float64) == target.cast(pl.Float64)).fill_null(value=False).all())
    if series.dtype != target.dtype:
        return False
    return bool((series == target).fill_null(value=False).all())


def _identifier(values: pl.Series, distinct: int, kind: ColumnType) -> str:
    count = len(values)
    if count < _MIN_ID_ROWS:
        return ""
    if kind is ColumnType.INTEGER and distinct == count:
        if int(values.max()) - int(values.min()) == count - 1:  # type: ignore[arg-type]
            return "an identifier: counts the rows"
        if _ID_NAME.search(values.name) or _ID_CAMEL.search(values.name):
            return "an identifier: different in every row"
    if kind in (ColumnType.CATEGORY, ColumnType.TEXT) and distinct >= _ID_SHARE * count:
        texts = values.cast(pl.String)
        if not texts.str.contains(r"\s").any():
            return "an identifier: different in (nearly) every row"
    return ""
