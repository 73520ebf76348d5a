"""How far the values of a column moved from one table to another.

| measure           | of                   | says                                                                |
|-------------------|----------------------|---------------------------------------------------------------------|
| `psi`             | numbers, categories  | population stability index: Σ (q - p) ln(q / p) over bins           |
| `total_variation` | numbers, categories  | largest difference of the probability of any set of bins, 0 to 1    |
| `mean_shift`      | numbers, texts       | difference of means in pooled standard deviations (Cohen's d)       |

Numbers (moments and dates among them) are binned at the deciles of the first table, missing values in a bin of their
own. Texts of more than 1,000 different values are told apart by their length alone: to compare the frequencies of
identifiers says nothing. For the index each bin counts half a value more, so that an empty one gives no infinity
(Jeffreys' prior); the other measures are of the plain shares.

Sources: S. Siddiqi, Credit Risk Scorecards (2006), for the index and its thresholds of 0.1 and 0.25; B. Yurdakul,
Statistical Properties of Population Stability Index (2018), for its mean without a shift, (bins - 1)(1/n + 1/m);
J. Cohen, Statistical Power Analysis (1988), for d.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

_BINS = 10
_CATEGORIES = 1000  # more different texts than this are no categories
MODERATE, LARGE = 0.1, 0.25


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnShift:
    """How one column's values moved; None where a measure does not apply or there are no values.

    Attributes:
        kind: `number`, `category` or `text` (whose numbers are lengths in characters).
        missing: Share of null or NaN values in the first and in the second table, each 0 to 1; NaN without rows.
        means: Of the values in the first and in the second table; seconds since 1970 for moments.
        size: `none` below 0.1, `moderate` below 0.25, `large` from there on: by the index for numbers and categories,
            less what it comes to by chance alone for so few rows; for texts by twice the share of missing values that
            changed, or the mean shift in fifths.
    """

    column: str
    kind: str
    missing: tuple[float, float]
    psi: float | None = None
    total_variation: float | None = None
    means: tuple[float, float] | None = None
    mean_shift: float | None = None
    size: str = "none"


def column_shift(before: pl.Series, after: pl.Series) -> ColumnShift | None:
    """Compare the values of a column in two tables.

    Args:
        before: The first table's values, of any type and length.
        after: The second's, of the same type.

    Returns:
        None for types that have no order or frequency worth comparing (lists, structs, bytes).
    """
    dtype = before.dtype
    if dtype.is_nested() or isinstance(dtype, pl.Binary):
        return None
    if dtype.is_numeric() or dtype.is_temporal():
        return _number_shift(before.name, _numbers(before), _numbers(after))
    if isinstance(dtype, pl.String) and max(before.n_unique(), after.n_unique()) > _CATEGORIES:
        lengths = [_present(each.str.len_chars().cast(pl.Float64)) for each in (before, after)]
        missing = (_share(before.null_count(), len(before)), _share(after.null_count(), len(after)))
        shift = _mean_shift(*lengths)
        moved = max(2 * abs(missing[1] - missing[0]), abs(shift or 0.0) / 5) if len(before) and len(after) else 0.0
        return ColumnShift(
            column=before.name,
            kind="text",
            missing=missing,
            means=_means(*lengths),
            mean_shift=shift,
            size=_size(moved),
        )
    return _category_shift(before, after)


def psi(before: Sequence[int] | np.ndarray, after: Sequence[int] | np.ndarray) -> float | None:
    """The population stability index of two histograms over the same bins.

    Args:
        before: Counts, ≥ 0, one per bin.
        after: Counts over the same bins.

    Returns:
        ≥ 0, 0 for proportional histograms up to the half values added; None when either is empty.

    Example:
        >>> round(psi([500, 500], [400, 600]), 4)
        0.0405
    """
    p, q = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    if not p.sum() or not q.sum():
        return None
    p, q = ((each + 0.5) / (each.sum() + 0.5 * len(each)) for each in (p, q))
    return float(np.sum((q - p) * np.log(q / p)))


def total_variation(before: Sequence[int] | np.ndarray, after: Sequence[int] | np.ndarray) -> float | None:
    """Half the sum of the differences of shares over the same bins, 0 to 1; None when either histogram is empty."""
    p, q = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    if not p.sum() or not q.sum():
        return None
    return float(np.abs(p / p.sum() - q / q.sum()).sum() / 2)


def _numbers(values: pl.Series) -> np.ndarray:
    """As float64, NaN for null; moments as seconds."""
    dtype = values.dtype
    if isinstance(dtype, pl.Datetime):
        scaled = values.dt.epoch("us").cast(pl.Float64) / 1e6
    elif isinstance(dtype, pl.Date):
        scaled = values.to_physical().cast(pl.Float64) * 86_400
    else:
        scaled = (values.to_physical() if dtype.is_temporal() else values).cast(pl.Float64)
    return scaled.fill_null(math.nan).to_numpy()


def _number_shift(name: str, before: np.ndarray, after: np.ndarray) -> ColumnShift:
    absent = [int(np.isnan(each).sum()) for each in (before, after)]
    present = [each[~np.isnan(each)] for each in (before, after)]
    counts = _histograms(present[0], present[1])
    whole = [np.append(count, gone) for count, gone in zip(counts, absent, strict=True)]
    index = psi(*whole)
    return ColumnShift(
        column=name,
        kind="number",
        missing=(_share(absent[0], len(before)), _share(absent[1], len(after))),
        psi=index,
        total_variation=total_variation(*whole),
        means=_means(*present),
        mean_shift=_mean_shift(*present),
        size=_size(_beyond_chance(index, whole)),
    )


def _histograms(before: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Counts in bins that end at the deciles of the first; in bins of equal width over the second if that is empty."""
    base = before if len(before) else after
    if not len(base):
        return np.zeros(1), np.zeros(1)
    inner = np.unique(np.quantile(base, np.arange(1, _BINS) / _BINS, method="inverted_cdf"))
    # A bin holds what is above the edge before it, up to and with its own: a value in every second row is one bin's.
    return tuple(
        np.bincount(np.searchsorted(inner, each, side="left"), minlength=len(inner) + 1) for each in (before, after)
    )  # type: ignore[return-value]


def _category_shift(before: pl.Series, after: pl.Series) -> ColumnShift:
    tables = [each.cast(pl.String).rename("value").value_counts(name="count") for each in (before, after)]
    both = tables[0].join(tables[1], on="value", how="full", coalesce=True, nulls_equal=True, suffix="_after")
    counts = [both.get_column(name).fill_null(0).to_numpy() for name in ("count", "count_after")]
    index = psi(*counts)
    return ColumnShift(
        column=before.name,
        kind="category",
        missing=(_share(before.null_count(), len(before)), _share(after.null_count(), len(after))),
        psi=index,
        total_variation=total_variation(*counts),
        size=_size(_beyond_chance(index, counts)),
    )


def _present(values: pl.Series) -> np.ndarray:
    return values.drop_nulls().to_numpy()


def _means(before: np.ndarray, after: np.ndarray) -> tuple[float, float] | None:
    with np.errstate(invalid="ignore", over="ignore"):
        return (float(before.mean()), float(after.mean())) if len(before) and len(after) else None


def _mean_shift(before: np.ndarray, after: np.ndarray) -> float | None:
    """Cohen's d: positive when the second's mean is higher; None with fewer than two values, or without spread."""
    n, m = len(before), len(after)
    if n < 2 or m < 2:
        return None
    with np.errstate(invalid="ignore", over="ignore"):  # infinities have no spread
        variance = ((n - 1) * before.var(ddof=1) + (m - 1) * after.var(ddof=1)) / (n + m - 2)
        if not (math.isfinite(variance) and variance > 0):
            return None
        return float((after.mean() - before.mean()) / math.sqrt(variance))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else math.nan


def _beyond_chance(index: float | None, counts: Sequence[np.ndarray]) -> float:
    """The index less its mean for two samples of one distribution of this many rows and bins."""
    if index is None:
        return 0.0
    bins = int(np.count_nonzero(counts[0] + counts[1]))
    return index - (bins - 1) * (1 / float(counts[0].sum()) + 1 / float(counts[1].sum()))


def _size(moved: float) -> str:
    return "large" if moved >= LARGE else "moderate" if moved >= MODERATE else "none"
