"""What a column's rows come down to so that two batches of rows can be described without reading either again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from millwright.data.profiles.column_values import MEASURED, ColumnValues
from millwright.data.profiles.measuring import MAX_COUNTED, json_value, looks_like_ids, suspected
from millwright.data.profiles.record import ProfileKind, SemanticKind
from millwright.data.profiles.semantic import infer_meaning
from millwright.data.profiles.sketch import (
    MOST_COUNTED,
    merge_distinct,
    merge_frequent,
    merge_quantiles,
    sketch_distinct,
    sketch_frequent,
    sketch_quantiles,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ALWAYS_COUNTED = 10_000  # rows of text, also when nearly all differ: those of a small batch often do
_LONGEST_COUNTED = 100  # characters: longer texts are never among the frequent ones


@dataclass(frozen=True, kw_only=True, slots=True)
class Bound:
    """A column's lowest or highest value.

    Attributes:
        key: By which values compare: the number, or a date's or time's number of units since 1970.
        shown: The value in JSON; None for infinite numbers.
    """

    key: int | float
    shown: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Moments:
    """Count, mean and squared deviations of finite numbers.

    Attributes:
        count: How many.
        mean: Of them; 0 without any.
        squares: Sum of the squared distances from the mean.
        infinite: How many numbers were infinite and so left out.
    """

    count: int = 0
    mean: float = 0.0
    squares: float = 0.0
    infinite: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Frequent:
    """Which values are frequent.

    Attributes:
        sketch: Counts of values as text.
        left_out: How often at most a value came that was left out before it reached the sketch; summed over batches.
    """

    sketch: bytes
    left_out: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnSummary:
    """One column of a `TableSummary`.

    Attributes:
        name: Its name.
        dtype: Polars' name of its type; columns of different types don't merge.
        kind: What its values are; never `category`, which follows from all rows.
        rows: Number of rows.
        nulls: Number of missing values, NaN included.
        lowest: Lowest value of numbers, dates and times; None without values.
        highest: Highest value likewise.
        moments: Of numbers.
        quantiles: Sketch of finite numbers, of dates and times in seconds since 1970.
        distinct: Sketch of different values.
        frequent: None when values are measured rather than counted.
        lengths: Moments of the texts' lengths in characters.
        length_quantiles: Sketch of the texts' lengths.
        semantic: What the values stand for.
        personal: The kind of personal data that is suspected; then no part holds or keeps a value.
    """

    name: str
    dtype: str
    kind: ProfileKind
    rows: int
    nulls: int
    lowest: Bound | None = None
    highest: Bound | None = None
    moments: Moments = Moments()
    quantiles: bytes = b""
    distinct: bytes = b""
    frequent: Frequent | None = None
    lengths: Moments = Moments()
    length_quantiles: bytes = b""
    semantic: SemanticKind | None = None
    personal: SemanticKind | None = None


def summarize_column(column: pl.Series | ColumnValues) -> ColumnSummary:
    """Reduce a column; may be without values."""
    values = column if isinstance(column, ColumnValues) else ColumnValues(column)
    column, kind, present = values.column, values.kind, values.present
    draft = ColumnSummary(
        name=column.name, dtype=str(column.dtype), kind=kind, rows=column.len(), nulls=column.len() - present.len()
    )
    if kind is ProfileKind.OTHER:
        return replace(draft, personal=suspected(column))
    if present.is_empty():
        return replace(draft, frequent=Frequent(sketch=sketch_frequent({})))
    different = values.distinct
    id_like = looks_like_ids(kind, present.len(), different)
    meaning = infer_meaning(present, kind, id_like=id_like)
    draft = replace(
        draft,
        distinct=sketch_distinct(values.ordered if kind in MEASURED else present),
        semantic=meaning.semantic,
        personal=meaning.personal,
    )
    if kind is ProfileKind.TEXT:
        lengths = values.lengths
        draft = replace(draft, lengths=moments_of(lengths), length_quantiles=sketch_quantiles(lengths))
    if meaning.personal is not None:
        return draft
    if kind in MEASURED:
        numbers, finite = values.numbers.to_numpy(), values.finite.to_numpy()
        draft = replace(
            draft,
            lowest=_bound(values.ordered[0]),
            highest=_bound(values.ordered[-1]),
            moments=moments_of(numbers) if present.dtype.is_numeric() else Moments(),
            quantiles=sketch_quantiles(finite),
        )
    if kind is ProfileKind.TEXT and id_like and present.len() > _ALWAYS_COUNTED:
        # Each other value came at least once, which leaves so many rows for the most frequent one.
        return replace(draft, frequent=Frequent(sketch=sketch_frequent({}), left_out=present.len() - different + 1))
    is_measured = kind in MEASURED and different > MAX_COUNTED
    return draft if is_measured else replace(draft, frequent=_frequent(values.counts))


def merge_columns(first: ColumnSummary, second: ColumnSummary) -> ColumnSummary:
    """The summary of both columns' rows; they have one name and type."""
    bigger = first if first.rows - first.nulls >= second.rows - second.nulls else second
    smaller = second if bigger is first else first
    merged = replace(
        first,
        rows=first.rows + second.rows,
        nulls=first.nulls + second.nulls,
        lowest=_of_bounds(first.lowest, second.lowest, highest=False),
        highest=_of_bounds(first.highest, second.highest, highest=True),
        moments=merge_moments(first.moments, second.moments),
        quantiles=merge_quantiles(first.quantiles, second.quantiles),
        distinct=merge_distinct(first.distinct, second.distinct),
        frequent=_merged_frequent(first.frequent, second.frequent),
        lengths=merge_moments(first.lengths, second.lengths),
        length_quantiles=merge_quantiles(first.length_quantiles, second.length_quantiles),
        semantic=bigger.semantic or smaller.semantic,
        personal=bigger.personal or smaller.personal,
    )
    return merged if merged.personal is None else _hidden(merged)


def moments_of(numbers: NDArray[np.float64]) -> Moments:
    """Moments of numbers, shape (n,), infinite ones apart; what leaves the range of floats becomes infinite."""
    is_finite = np.isfinite(numbers)
    finite = numbers if is_finite.all() else numbers[is_finite]
    if not len(finite):
        return Moments(infinite=len(numbers))
    with np.errstate(over="ignore", invalid="ignore"):
        mean = finite.mean()
        away = finite - mean
        away *= away
        squares = away.sum()
    return Moments(count=len(finite), mean=float(mean), squares=float(squares), infinite=len(numbers) - len(finite))


def merge_moments(first: Moments, second: Moments) -> Moments:
    """Moments of both (Chan, Golub, LeVeque, Updating Formulae and a Pairwise Algorithm, 1979)."""
    count, infinite = first.count + second.count, first.infinite + second.infinite
    if not (first.count and second.count):
        some = first if first.count else second
        return replace(some, infinite=infinite)
    apart = second.mean - first.mean
    return Moments(
        count=count,
        mean=first.mean + apart * (second.count / count),
        squares=first.squares + second.squares + apart * apart * (first.count / count) * second.count,
        infinite=infinite,
    )


def _frequent(counted: pl.DataFrame) -> Frequent:
    texts = _as_texts(counted["value"])
    counts = pl.DataFrame([texts, counted["count"]])
    if texts.dtype != counted["value"].dtype:
        counts = counts.group_by("value").agg(pl.col("count").sum())  # two decimals may be one text
    counts = counts.sort("count", descending=True)
    kept = counts.filter(pl.col("value").str.len_chars() <= _LONGEST_COUNTED).head(MOST_COUNTED)
    # Of n rows a value that is not among the 192 most frequent ones has at most n / 193, and so over all batches.
    rest = counts.join(kept, on="value", how="anti")
    left_out = rest["count"].max() if rest.height else 0
    return Frequent(sketch=sketch_frequent(dict(kept.iter_rows())), left_out=int(left_out or 0))  # type: ignore[arg-type]


def _as_texts(values: pl.Series) -> pl.Series:
    """Different values, as text that may be the same for some."""
    if values.dtype.is_temporal():
        return pl.Series(values.name, [json_value(value) for value in values.to_list()], dtype=pl.String)
    if values.dtype.is_decimal():
        return values.cast(pl.Float64).cast(pl.String)
    return values.cast(pl.String)


def _merged_frequent(first: Frequent | None, second: Frequent | None) -> Frequent | None:
    if first is None or second is None:
        return None
    return Frequent(sketch=merge_frequent(first.sketch, second.sketch), left_out=first.left_out + second.left_out)


def _bound(value: Any) -> Bound:
    key = pl.Series([value]).to_physical()[0] if hasattr(value, "isoformat") else value
    shown = json_value(value)
    is_plain = isinstance(key, float) or (isinstance(key, int) and -(2**63) <= key < 2**64)
    return Bound(key=key if is_plain else float(key), shown=shown)


def _of_bounds(first: Bound | None, second: Bound | None, *, highest: bool) -> Bound | None:
    if first is None or second is None:
        return first or second
    return (second if second.key > first.key else first) if highest else (second if second.key < first.key else first)


def _hidden(summary: ColumnSummary) -> ColumnSummary:
    """Without anything that holds values; hashes of a sketch of distinct values give none away."""
    return replace(summary, lowest=None, highest=None, moments=Moments(), quantiles=b"", frequent=None)
