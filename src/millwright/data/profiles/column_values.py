"""A column's values with what its profile and its summary both need, each computed once, when it is first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from millwright.data.profiles.record import ProfileKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

MEASURED = frozenset({ProfileKind.INTEGER, ProfileKind.NUMBER, ProfileKind.DATE, ProfileKind.DATETIME})


class ColumnValues:
    """The values of a column.

    Args:
        column: Any one, also without rows.
    """

    def __init__(self, column: pl.Series) -> None:
        self.column = column
        self.kind = kind_of(column.dtype)

    @cached_property
    def present(self) -> pl.Series:
        """The values that are there: no null and no NaN; texts of every type as strings."""
        return present_values(self.column)

    @cached_property
    def ordered(self) -> pl.Series:
        """The same, sorted."""
        return _sorted(self.present)

    @cached_property
    def distinct(self) -> int:
        """How many differ; of what is measured, it is told by the sorted values, which are needed anyway."""
        if self.kind not in MEASURED:
            return self.present.n_unique()
        ordered = self.ordered
        return (1 + int((ordered.slice(1) != ordered.slice(0, ordered.len() - 1)).sum())) if ordered.len() else 0

    @cached_property
    def counts(self) -> pl.DataFrame:
        """How often each came: `value` and `count`, in no certain order."""
        return self.present.alias("value").value_counts()

    @cached_property
    def lengths(self) -> NDArray[np.float64]:
        """Of texts, in characters, sorted."""
        return _sorted(self.present.str.len_chars()).cast(pl.Float64).to_numpy()

    @cached_property
    def numbers(self) -> pl.Series:
        """Measured values as 64-bit floats, sorted; dates and times as seconds since 1970 (UTC)."""
        return as_numbers(self.ordered)

    @cached_property
    def finite(self) -> pl.Series:
        """Those of `numbers` that are finite; infinite ones stand at the ends."""
        numbers = self.numbers
        if numbers.is_empty() or bool(np.isfinite([numbers[0], numbers[-1]]).all()):
            return numbers
        return numbers.filter(numbers.is_finite())


def kind_of(dtype: pl.DataType) -> ProfileKind:
    """What values of a type are; text is `TEXT`, however many different ones there are."""
    if dtype.is_integer():
        return ProfileKind.INTEGER
    if dtype.is_numeric():
        return ProfileKind.NUMBER
    if isinstance(dtype, (pl.String, pl.Categorical, pl.Enum)):
        return ProfileKind.TEXT
    kinds = {pl.Boolean: ProfileKind.BOOLEAN, pl.Date: ProfileKind.DATE, pl.Datetime: ProfileKind.DATETIME}
    return next((kind for base, kind in kinds.items() if isinstance(dtype, base)), ProfileKind.OTHER)


def present_values(column: pl.Series) -> pl.Series:
    """The values that are there: no null and no NaN; texts of every type as strings."""
    present = column.drop_nulls()
    if column.dtype.is_float():
        return present.drop_nans()
    return present.cast(pl.String) if kind_of(column.dtype) is ProfileKind.TEXT else present


def as_numbers(values: pl.Series) -> pl.Series:
    """Numbers as 64-bit floats; dates and times as seconds since 1970 (UTC)."""
    if values.dtype.is_temporal():
        return values.cast(pl.Datetime("us")).to_physical().cast(pl.Float64) / 1e6
    return values.cast(pl.Float64)


def _sorted(values: pl.Series) -> pl.Series:
    # NumPy's sort of numbers takes a quarter of the time.
    is_plain = values.dtype in {pl.Float64, pl.Float32, pl.UInt32} or (
        values.dtype.is_signed_integer() and values.dtype != pl.Int128
    )
    return pl.Series(values.name, np.sort(values.to_numpy())) if is_plain else values.sort()
