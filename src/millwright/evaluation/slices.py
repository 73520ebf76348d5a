"""Metrics per part of the test rows, so that a good average cannot hide a bad part."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from millwright.core.errors import InvalidInputError, closest
from millwright.evaluation.metrics import catalog
from millwright.evaluation.report import SliceResult
from millwright.models.column import ColumnType

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from millwright.evaluation.metrics.sample import Sample
    from millwright.models.signature import Signature

OTHER = "(other)"
MISSING = "(missing)"
_FEW_VALUES = 12  # numbers with no more distinct values than this are codes, not quantities
_QUARTILES = (0.25, 0.5, 0.75)


@dataclass(frozen=True, kw_only=True, slots=True)
class SliceOptions:
    """How rows are cut.

    Attributes:
        min_rows: Values with fewer rows are put together as `(other)`; 30 keeps a rate's standard error below 0.1.
        max_values: Values per column at most, the most frequent ones; the rest is `(other)`.
    """

    min_rows: int = 30
    max_values: int = 30


def slice_metrics(
    frame: pl.DataFrame, sample: Sample, columns: Iterable[str], options: SliceOptions | None = None
) -> tuple[SliceResult, ...]:
    """The metrics of each slice of each column.

    Text, booleans and numbers with up to 12 distinct values are cut by value; other numbers, dates and moments by
    quartile (fewer parts when quartiles coincide). Missing values are a slice of their own.

    Args:
        frame: The n raw test rows.
        sample: The same n rows, scored.
        columns: Which columns cut.
        options: Limits.

    Raises:
        InvalidInputError: The table has no such column (the nearest is named), or it cannot be cut.
    """
    results: list[SliceResult] = []
    for column in columns:
        if column not in frame.columns:
            raise InvalidInputError(
                f"The table has no column '{column}' to slice by.", hint=closest(column, frame.columns)
            )
        labels, order = slice_labels(frame[column], options or SliceOptions())
        for label in order:
            rows = np.flatnonzero((labels == label).to_numpy())
            part = sample.where(rows)
            results.append(SliceResult(column=column, value=label, rows=len(rows), metrics=catalog.measure(part)))
    return tuple(results)


def slice_labels(series: pl.Series, options: SliceOptions) -> tuple[pl.Series, tuple[str, ...]]:
    """The slice each row belongs to.

    Args:
        series: (n,) raw values of any type that has an order or a text form.
        options: Limits.

    Returns:
        (n,) slice names, and the names that occur in the order to show them.

    Raises:
        InvalidInputError: Values without a text form (lists, structs, binary).
    """
    if series.dtype.is_nested() or series.dtype == pl.Binary:
        raise InvalidInputError(f"Column '{series.name}' is of type {series.dtype}, which cannot be sliced by.")
    if series.dtype.is_float():
        series = series.fill_nan(None)
    quantity = series.dtype.is_numeric() or series.dtype.is_temporal()
    if quantity and series.drop_nulls().n_unique() > _FEW_VALUES:
        return _by_quartile(series)
    return _by_value(series, options)


def suggested_slices(signature: Signature, limit: int = 3) -> tuple[str, ...]:
    """Input columns worth slicing by when the user named none: categories with 2 to 12 values, in column order."""
    fitting = [
        column.name
        for column in signature.inputs
        if column.type is ColumnType.BOOLEAN
        or (column.type is ColumnType.CATEGORY and 2 <= len(column.categories) <= _FEW_VALUES)
    ]
    return tuple(fitting[:limit])


def _by_value(series: pl.Series, options: SliceOptions) -> tuple[pl.Series, tuple[str, ...]]:
    text = series.cast(pl.String).alias("value")
    counts = (
        pl.DataFrame({"value": text})
        .drop_nulls()
        .group_by("value")
        .len()
        .sort(["len", "value"], descending=[True, False])
    )
    kept = counts.filter(pl.col("len") >= options.min_rows).head(options.max_values)["value"].to_list()
    if counts.height - len(kept) == 1:  # a single rare value keeps its name
        kept = counts["value"].to_list()
    labels = (
        pl.DataFrame({"value": text})
        .select(
            pl.when(pl.col("value").is_null())
            .then(pl.lit(MISSING))
            .when(pl.col("value").is_in(kept))
            .then(pl.col("value"))
            .otherwise(pl.lit(OTHER))
            .alias("slice")
        )
        .to_series()
    )
    return labels, _occurring(labels, [*kept, OTHER, MISSING])


def _by_quartile(series: pl.Series) -> tuple[pl.Series, tuple[str, ...]]:
    known = series.drop_nulls().sort()
    # Edges are values that occur, so that a boundary reads as one of the user's own numbers.
    edges = sorted({known[min(int(share * len(known)), len(known) - 1)] for share in _QUARTILES})
    edges = [edge for edge in edges if edge > known[0]] or [known.filter(known > known[0])[0]]
    names = _range_names([known[0], *edges], known[-1])
    frame = pl.DataFrame({"value": series})
    expression: Any = pl.when(pl.col("value").is_null()).then(pl.lit(MISSING))
    for edge, name in zip(edges, names, strict=False):
        expression = expression.when(pl.col("value") < edge).then(pl.lit(name))
    labels = frame.select(expression.otherwise(pl.lit(names[-1])).alias("slice")).to_series()
    return labels, _occurring(labels, [*names, MISSING])


def _range_names(lower: Sequence[object], last: object) -> list[str]:
    texts = [_shown(value) for value in (*lower, last)]
    if len(set(texts)) < len(texts) - 1:  # rounding made two edges look alike
        texts = [str(value) for value in (*lower, last)]
    names = [f"{low} to below {high}" for low, high in itertools.pairwise(texts)]
    return [*names, f"{texts[-2]} to {texts[-1]}"]


def _shown(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _occurring(labels: pl.Series, names: Sequence[str]) -> tuple[str, ...]:
    present = set(labels.unique().to_list())
    return tuple(dict.fromkeys(name for name in names if name in present))
