"""The profile that a summary gives: the same facts as `profile`, some of them estimates."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from millwright.data.profiles.column_values import MEASURED
from millwright.data.profiles.measuring import MAX_COUNTED, QUANTILES, TOP, bin_edges, finished
from millwright.data.profiles.record import (
    ColumnProfile,
    Histogram,
    ProfileKind,
    SemanticKind,
    TableProfile,
    TextLengths,
    TopValue,
)
from millwright.data.profiles.sketch import (
    MOST_COUNTED,
    bin_counts,
    distinct,
    distinct_error,
    frequent,
    is_estimate,
    quantiles,
    rank_error,
    span,
)

if TYPE_CHECKING:
    from millwright.data.profiles.column_summary import ColumnSummary, Moments
    from millwright.data.profiles.summary import TableSummary


def profile_of(summary: TableSummary) -> TableProfile:
    """The profile of a summarised table, without correlations.

    Args:
        summary: Of any number of merges.

    Returns:
        Rows, missing values, extremes, means, deviations and lengths' extremes are exact; `rank_error`,
        `distinct_error` and `count_error` of the profile bound the rest. Quantiles are values that came, not
        interpolated ones. Categories with up to 192 values are counted exactly.
    """
    sketches = [part for column in summary.columns for part in (column.quantiles, column.length_quantiles) if part]
    error = rank_error() if any(map(is_estimate, sketches)) else 0.0
    columns = [_column(column) for column in summary.columns]
    return TableProfile(
        rows=summary.rows,
        columns=tuple(column for column, _, _ in columns),
        # One row more: a quantile between two values is given as one of them.
        rank_error=error + 1 / max(summary.rows, 1),
        distinct_error=0.0 if all(is_counted for _, is_counted, _ in columns) else distinct_error(),
        count_error=max((off for _, _, off in columns), default=0) / max(summary.rows, 1),
    )


def _column(column: ColumnSummary) -> tuple[ColumnProfile, bool, int]:
    """The profile; whether `distinct` is exact; how many rows the counts of frequent values may be off by."""
    draft = ColumnProfile(
        name=column.name,
        kind=column.kind,
        rows=column.rows,
        nulls=column.nulls,
        semantic=column.semantic,
        personal=column.personal,
    )
    present = column.rows - column.nulls
    if not present or column.kind is ProfileKind.OTHER:
        return replace(draft, semantic=None, personal=column.personal if present else None), True, 0
    top, error = _top(column)
    is_counted = column.frequent is not None and not error and len(top) <= MOST_COUNTED
    different = len(top) if is_counted else min(present, max(1, round(distinct(column.distinct))))
    shown = column.kind not in MEASURED or different <= MAX_COUNTED
    draft = replace(
        draft,
        distinct=different,
        minimum=column.lowest.shown if column.lowest else None,
        maximum=column.highest.shown if column.highest else None,
        top=tuple(top[:TOP]) if shown else (),
        histogram=_histogram(column.quantiles),
        lengths=_lengths(column),
    )
    if column.kind in {ProfileKind.INTEGER, ProfileKind.NUMBER}:
        draft = replace(
            draft,
            mean=_finite(column.moments.mean) if column.moments.count and not column.moments.infinite else None,
            deviation=_deviation(column.moments),
            quantiles=_quantiles(column.quantiles),
        )
    done = finished(draft, distinct_error=0.0 if is_counted else distinct_error())
    return replace(done, semantic=_semantic(done)), is_counted, error if done.top else 0


def _semantic(column: ColumnProfile) -> SemanticKind | None:
    """What only all rows tell: whether there are few values, or nearly as many as rows."""
    shapes = {None, SemanticKind.IDENTIFIER, SemanticKind.FREE_TEXT}
    if column.kind is ProfileKind.CATEGORY and column.semantic in shapes:
        return SemanticKind.CATEGORICAL
    return None if column.semantic is SemanticKind.IDENTIFIER and not column.id_like else column.semantic


def _top(column: ColumnSummary) -> tuple[list[TopValue], int]:
    if column.frequent is None:
        return [], 0
    counts, error = frequent(column.frequent.sketch, above=column.frequent.left_out)
    found = [TopValue(value=_value(text, column.kind), count=count) for text, count in counts.items()]
    return sorted(found, key=lambda one: (-one.count, one.value)), error + column.frequent.left_out


def _value(text: str, kind: ProfileKind) -> Any:
    if kind is ProfileKind.INTEGER:
        return int(text)
    if kind is ProfileKind.NUMBER:
        return float(text)
    return text == "true" if kind is ProfileKind.BOOLEAN else text


def _histogram(sketch: bytes) -> Histogram | None:
    bounds = span(sketch)
    edges = bin_edges(*bounds) if bounds else None
    return None if edges is None else Histogram(edges=tuple(edges.tolist()), counts=tuple(bin_counts(sketch, edges)))


def _lengths(column: ColumnSummary) -> TextLengths | None:
    bounds = span(column.length_quantiles)
    if bounds is None:
        return None
    return TextLengths(
        minimum=int(bounds[0]),
        mean=column.lengths.mean,
        maximum=int(bounds[1]),
        quantiles=_quantiles(column.length_quantiles),
    )


def _quantiles(sketch: bytes) -> dict[str, float]:
    return {str(share): value for share, value in zip(QUANTILES, quantiles(sketch, QUANTILES), strict=False)}


def _deviation(moments: Moments) -> float | None:
    if moments.count < 2 or moments.infinite:
        return None
    return _finite(math.sqrt(moments.squares / (moments.count - 1)))


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
