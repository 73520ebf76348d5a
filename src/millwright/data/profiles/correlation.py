"""How far columns go together.

Pearson's r and Spearman's rho (ties get their mean rank) for two numbers, Cramér's V for two categories, the
correlation ratio eta for a category and a number. Rows in which one of the two is missing are left out for that pair.
Pairs without variation have no correlation.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from millwright.data.profiles.record import Correlation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import polars as pl
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.int64]

MAX_ROWS = 10_000
MAX_COLUMNS = 20  # of each of the two sorts: 190 + 190 + 400 pairs
_MIN_PAIRS = 3  # complete rows; two points lie on a line whatever they are


def correlate(frame: pl.DataFrame, *, numbers: Sequence[str], categories: Sequence[str]) -> tuple[Correlation, ...]:
    """Correlations of all pairs, the strongest first.

    Args:
        frame: At most 10,000 rows, taken evenly, are looked at.
        numbers: Names of numeric columns; the first 20 count. NaN and infinite values are missing ones.
        categories: Names of columns with few different values; the first 20 count.
    """
    sample = frame.gather_every(max(1, -(-frame.height // MAX_ROWS)))
    measured = {name: _numbers(sample[name]) for name in numbers[:MAX_COLUMNS]}
    coded = {name: _codes(sample[name]) for name in categories[:MAX_COLUMNS]}
    found = [*_of_numbers(measured), *_of_categories(coded), *_mixed(coded, measured)]
    return tuple(sorted(found, key=lambda one: (-abs(one.value), one.first, one.second, one.measure)))


def correlated_rows(rows: int) -> int:
    """Of how many rows of a table `correlate` is."""
    return -(-rows // max(1, -(-rows // MAX_ROWS)))


def _numbers(column: pl.Series) -> Floats:
    values = column.cast(float).fill_null(float("nan")).to_numpy().astype(np.float64)
    values[~np.isfinite(values)] = np.nan
    return values


def _codes(column: pl.Series) -> Codes:
    """Whole numbers from 0 for the different values; -1 where there is none."""
    codes = column.rank("dense").cast(int).fill_null(0).to_numpy().astype(np.int64) - 1
    return np.asarray(codes, dtype=np.int64)


def _of_numbers(columns: Mapping[str, Floats]) -> Iterator[Correlation]:
    present = {name: ~np.isnan(values) for name, values in columns.items()}
    ranked = {name: _ranks(values[present[name]]) for name, values in columns.items()}
    for first, second in combinations(columns, 2):
        both = present[first] & present[second]
        complete = int(both.sum())
        if complete < _MIN_PAIRS:
            continue
        r = _pearson(columns[first][both], columns[second][both])
        ranks = [
            ranked[name] if complete == len(ranked[name]) else _ranks(columns[name][both]) for name in (first, second)
        ]
        rho = _pearson(*ranks)
        for measure, value in (("pearson", r), ("spearman", rho)):
            if value is not None:
                yield Correlation(first=first, second=second, measure=measure, value=value)


def _ranks(values: Floats) -> Floats:
    """Ranks from 1; ties have the mean of theirs."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(values) else np.empty(0, dtype=np.int64)
    ends = np.r_[starts[1:], len(values)]
    ranks = np.empty(len(values))
    ranks[order] = np.repeat((starts + ends + 1) / 2, ends - starts)
    return ranks


def _pearson(first: Floats, second: Floats) -> float | None:
    # Scaled first: squares of very large or very small numbers leave the range of floats.
    a, b = _centred(first), _centred(second)
    if a is None or b is None:
        return None
    return float(np.clip(np.dot(a, b) / np.sqrt(np.dot(a, a) * np.dot(b, b)), -1, 1))


def _centred(values: Floats) -> Floats | None:
    scale = np.abs(values).max()
    if scale == 0:
        return None
    scaled = values / scale
    centred: Floats = scaled - scaled.mean()
    spread = np.abs(centred).max()
    # What is left of a constant by rounding is no variation.
    return None if spread <= 1e-14 else centred / spread


def _of_categories(columns: Mapping[str, Codes]) -> Iterator[Correlation]:
    for first, second in combinations(columns, 2):
        both = (columns[first] >= 0) & (columns[second] >= 0)
        value = _cramers_v(columns[first][both], columns[second][both])
        if value is not None:
            yield Correlation(first=first, second=second, measure="cramers_v", value=value)


def _cramers_v(first: Codes, second: Codes) -> float | None:
    """Cramér, Mathematical Methods of Statistics (1946), 21.9; without correction for bias."""
    if len(first) < _MIN_PAIRS:
        return None
    width = int(second.max()) + 1
    table = np.bincount(first * width + second, minlength=(int(first.max()) + 1) * width).reshape(-1, width)
    table = table[table.any(axis=1)][:, table.any(axis=0)].astype(np.float64)
    least = min(table.shape) - 1
    if least < 1:
        return None
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / len(first)
    chi_squared = float(((table - expected) ** 2 / expected).sum())
    return min(1.0, float(np.sqrt(chi_squared / len(first) / least)))


def _mixed(categories: Mapping[str, Codes], numbers: Mapping[str, Floats]) -> Iterator[Correlation]:
    for name, codes in categories.items():
        for other, values in numbers.items():
            both = (codes >= 0) & ~np.isnan(values)
            value = _correlation_ratio(codes[both], values[both])
            if value is not None:
                yield Correlation(first=name, second=other, measure="correlation_ratio", value=value)


def _correlation_ratio(codes: Codes, values: Floats) -> float | None:
    """The root of the share of the variance that lies between the categories (Fisher, 1925)."""
    if len(codes) < _MIN_PAIRS or len(np.unique(codes)) < 2:
        return None
    centred = _centred(values)
    if centred is None:
        return None
    counts = np.bincount(codes)
    sums = np.bincount(codes, weights=centred)
    there = counts > 0
    between = float((sums[there] ** 2 / counts[there]).sum()) - float(centred.sum()) ** 2 / len(centred)
    return float(np.clip(np.sqrt(max(0.0, between) / float(np.dot(centred, centred))), 0, 1))
