"""The same statistics with NumPy alone, as one writes them by hand: `python bare.py FOLDER drift`.

Numbers are sorted once a side; both distribution functions are then looked up at the values of both sides, as SciPy
does. Categories are texts of fixed width, NumPy's own kind, and counted with `np.unique`. No bounded memory, no
labels of cells, no false-discovery control, no search for personal data.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from measured import Work, keep, tell
from scipy.special import chdtrc, kolmogorov

_BINS, _LEVELS = 10, 50


def numeric(reference: Any, current: Any) -> dict[str, float]:
    """Of two arrays with NaN for what is missing."""
    gaps = [int(np.isnan(side).sum()) for side in (reference, current)]
    a, b = (np.sort(side[np.isfinite(side)]) for side in (reference, current))
    both = np.sort(np.concatenate([a, b]), kind="stable")
    gap = np.searchsorted(a, both, side="right") / a.size - np.searchsorted(b, both, side="right") / b.size
    distance = float(np.abs(gap).max())
    rows = a.size * b.size / (a.size + b.size)
    edges = np.unique(a[np.arange(1, _BINS) * a.size // _BINS])
    cells = [
        np.append(np.diff([0, *np.searchsorted(side, edges, side="right"), side.size]), missing)
        for side, missing in zip((a, b), gaps, strict=True)
    ]
    return {
        "kolmogorov_smirnov": distance,
        "p_value": float(kolmogorov(distance * np.sqrt(rows))),
        "wasserstein": float(np.sum(np.abs(gap[:-1]) * np.diff(both)) / a.std()),
        **distances(*cells),
    }


def categorical(reference: Any, current: Any) -> dict[str, float]:
    """Of two arrays of texts."""
    counts = [
        dict(zip(*(part.tolist() for part in np.unique(side, return_counts=True)), strict=True))
        for side in (reference, current)
    ]
    kept = sorted(counts[0], key=lambda value: -counts[0][value])[:_LEVELS]
    cells = [
        np.array([*(side.get(value, 0) for value in kept), sum(side.values()) - sum(side.get(v, 0) for v in kept)])
        for side in counts
    ]
    return distances(*cells)


def distances(reference: Any, current: Any) -> dict[str, float]:
    """Of two samples counted in the same cells."""
    n, m = reference.sum(), current.sum()
    middle = (reference / n + current / m) / 2
    used = middle > 0
    p, q = reference[used] / n, current[used] / m
    smooth_p, smooth_q = (n * p + middle[used]) / (n + 1), (m * q + middle[used]) / (m + 1)
    pooled = (reference + current)[used]
    expected = pooled * (m / (n + m))
    square = float(((current[used] - expected) ** 2 * ((n + m) / (expected * n))).sum())

    def entropy(share: Any) -> float:
        there = share > 0
        return float((share[there] * np.log2(share[there] / middle[used][there])).sum())

    return {
        "psi": float(((smooth_p - smooth_q) * np.log(smooth_p / smooth_q)).sum()),
        "jensen_shannon": float(np.sqrt(max(0.0, (entropy(p) + entropy(q)) / 2))),
        "hellinger": float(np.sqrt(max(0.0, 1 - np.sqrt(p * q).sum()))),
        "total_variation": float(np.abs(p - q).sum() / 2),
        "chi_square": square,
        "chi_square_p": float(chdtrc(used.sum() - 1, square)),
    }


tables = [pl.read_parquet(Path(sys.argv[1]) / f"{side}.parquet") for side in ("reference", "current")]
arrays = [
    {
        name: table[name].to_numpy() if table[name].dtype != pl.String else np.array(table[name].to_list())
        for name in table.columns
    }
    for table in tables
]
texts = {name for name in tables[0].columns if tables[0][name].dtype == pl.String}
del tables
with Work("drift"):
    found = {
        name: categorical(arrays[0][name], arrays[1][name])
        if name in texts
        else numeric(arrays[0][name], arrays[1][name])
        for name in arrays[0]
    }
for statistic in ("kolmogorov_smirnov", "wasserstein"):
    keep(statistic, {name: each[statistic] for name, each in found.items() if statistic in each})
tell()
