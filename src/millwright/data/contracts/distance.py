"""How far the values of a column are from those of a reference version."""

from __future__ import annotations

import math

import polars as pl

_CELLS = 10  # the customary number: the reference's deciles
_PSEUDO_ROWS = 1.0  # weight of the prior that keeps empty cells finite: one row, spread as the samples' mean shares


def population_stability(reference: pl.Series, current: pl.Series) -> float:
    """The population stability index, Σ (pᵢ - qᵢ) · ln(pᵢ / qᵢ) over cells.

    Numbers, dates and times are counted between the reference's deciles (fewer where they coincide), other values each
    by itself. So that an empty cell does not make it infinite, both samples get one row, spread over the cells as the
    mean of their shares; samples of equal shares stay at 0. Below 0.1 is customarily called stable, above 0.2 shifted
    (Siddiqi, Credit Risk Scorecards, 2006).

    Args:
        reference: Values of any length; nulls are left out.
        current: The same type.

    Returns:
        At least 0; NaN when one of them has no values.
    """
    before, now = reference.drop_nulls(), current.drop_nulls()
    if before.is_empty() or now.is_empty():
        return math.nan
    if before.dtype.is_numeric() or before.dtype.is_temporal():
        before, now = before.cast(pl.Float64, strict=False), now.cast(pl.Float64, strict=False)
        edges = before.to_frame("v").select(
            pl.concat_list(pl.col("v").quantile(n / _CELLS, "linear") for n in range(1, _CELLS)).explode().unique()
        )["v"]
        # Index of the first edge that is not below the value: a value on an edge counts in the cell that it ends.
        before, now = (edges.sort().search_sorted(values, side="left") for values in (before, now))
    else:
        before, now = before.cast(pl.String), now.cast(pl.String)
    cells = _counted(before, "before").join(_counted(now, "now"), on="cell", how="full", coalesce=True).fill_null(0)
    n, m = before.len(), now.len()
    middle = (pl.col("before") / n + pl.col("now") / m) / 2
    p = (pl.col("before") + _PSEUDO_ROWS * middle) / (n + _PSEUDO_ROWS)
    q = (pl.col("now") + _PSEUDO_ROWS * middle) / (m + _PSEUDO_ROWS)
    return max(0.0, float(cells.select(((p - q) * (p / q).log()).sum()).item()))


def kolmogorov_smirnov(reference: pl.Series, current: pl.Series) -> float:
    """The two-sample Kolmogorov-Smirnov statistic: the greatest distance of the two empirical distributions.

    Args:
        reference: Numbers of any length; nulls are left out.
        current: The same.

    Returns:
        0 to 1; NaN when one of them has no values.
    """
    before, now = (values.drop_nulls().cast(pl.Float64).sort() for values in (reference, current))
    if before.is_empty() or now.is_empty():
        return math.nan
    places = pl.concat([before, now]).unique()
    below = [values.search_sorted(places, side="right") / values.len() for values in (before, now)]
    return float((below[0] - below[1]).abs().max())  # type: ignore[arg-type]


def _counted(cells: pl.Series, name: str) -> pl.DataFrame:
    return cells.alias("cell").value_counts(name=name)
