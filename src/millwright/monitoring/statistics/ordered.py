"""Distances between the distribution functions of two samples in order, exact, without merging them.

Notation: a are the n values of the reference and b the m values of the current window, both in order, finite, with
n and m ≥ 1; F and G are their empirical distribution functions. Memory beyond the samples is that of a block of values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from millwright.monitoring.statistics.column import FloatArray

_STEPS = (1024, 32, 1)  # from coarse to fine: values of b between two looks at F
_BLOCK = 1 << 15  # values handled at a time: what they need stays in the processor's cache


def largest_gap(a: FloatArray, b: FloatArray) -> float:
    """The maximum of |F - G|.

    It lies just behind or just before a value of b: behind the j-th, G is j/m at least, and before it (j - 1)/m at
    most. F is first looked up at every 1024th value of b. As both functions only rise, what they are at two neighbours
    bounds their gap between; where that stays below a gap that was found already, no value is looked at.

    Args:
        a: float64 of shape (n,).
        b: float64 of shape (m,).

    Returns:
        0 to 1.
    """
    n, m = a.size, b.size
    best = 0.0
    starts = np.arange(0, m, _STEPS[0])  # of runs of b that may hold the maximum
    for step, finer in zip(_STEPS, (*_STEPS[1:], 1), strict=True):
        open_runs = []
        for first in range(0, starts.size, _BLOCK):
            start = starts[first : first + _BLOCK]
            end = np.minimum(start + step, m)
            low, high = b[start], b[end - 1]
            below = np.searchsorted(a, low, side="left") / n  # F just before the run
            up_to = np.searchsorted(a, high, side="right") / n  # F behind it
            best = max(best, float((below - start / m).max()), float((end / m - up_to).max()))
            bound = np.maximum(up_to - start / m, end / m - below)
            open_runs.append(start[(bound > best) & (low < high)])  # among equals the first and the last are largest
        if step == 1:
            break
        runs = np.concatenate(open_runs)
        starts = (runs[:, None] + np.arange(0, step, finer)).ravel()
        starts = starts[starts < m]
        if not starts.size:
            break
    return best


def area_between(a: FloatArray, b: FloatArray) -> float:
    """The integral of |F - G|: the least work of moving a onto b, which pairs the values of equal rank.

    With n ≥ m each value of a is paired with one or two neighbours in b: of its m parts, n of which fill a value of b,
    the first go to the one and the rest to the next.

    Args:
        a: float64 of shape (n,), n·m < 2⁶³.
        b: float64 of shape (m,).

    Returns:
        ≥ 0, in the values' unit; infinite or NaN when values are near the largest float.
    """
    if a.size < b.size:
        a, b = b, a
    n, m = a.size, b.size
    total = 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, n, _BLOCK):
            block = a[start : start + _BLOCK]
            if n == m:
                total += float(np.abs(block - b[start : start + _BLOCK]).sum())
                continue
            parts = np.arange(start, start + block.size) * m  # of all n·m, those before this value of a
            nearest = parts // n
            to_nearest = np.minimum((nearest + 1) * n - parts, m)
            work = np.abs(block - b[nearest]) * to_nearest
            work += np.abs(block - b[np.minimum(nearest + 1, m - 1)]) * (m - to_nearest)
            total += float(work.sum()) / m
        return total / n


def deviation(a: FloatArray) -> float:
    """The standard deviation of a (divisor n ≥ 1); infinite or NaN when values are near the largest float."""
    with np.errstate(over="ignore", invalid="ignore"):
        middle = float(a.mean())
        squares = 0.0
        for start in range(0, a.size, _BLOCK):
            away = a[start : start + _BLOCK] - middle
            squares += float(np.square(away, out=away).sum())  # a dot product would start threads
        return float(np.sqrt(squares / a.size))
