"""Compares what two engines answered for the same rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NO_SPREAD = 1e-9


@dataclass(frozen=True, slots=True)
class Comparison:
    """How far two engines are apart.

    Attributes:
        difference: Largest difference of probabilities; of numbers, relative to the spread on the sample.
        reason: Why they don't agree; empty when they do.
    """

    difference: float
    reason: str


def compare(
    expected: NDArray[np.floating[Any]],
    found: NDArray[np.floating[Any]],
    *,
    sample_rows: int,
    tolerance: float,
    edge_tolerance: float,
) -> Comparison:
    """Compares answers row by row.

    A row agrees when all its values are within its tolerance and its label is the same; where the two largest
    probabilities lie within twice the tolerance of each other rounding decides the label, and it may differ.

    Args:
        expected: The original's probabilities, shape (n, classes), or numbers, shape (n,).
        found: The compiled model's.
        sample_rows: The first so many rows are real ones; the others were generated.
        tolerance: For real rows.
        edge_tolerance: For generated rows.
    """
    if expected.shape != found.shape:
        return Comparison(0.0, f"the compiled model answers in shape {found.shape}, the original in {expected.shape}")
    if not (np.isfinite(expected).all() and np.isfinite(found).all()):
        return Comparison(0.0, "an answer is not a finite number")
    scale = 1.0 if expected.ndim == 2 else _spread(expected[:sample_rows] if sample_rows else expected)
    allowed = np.where(np.arange(len(expected)) < sample_rows, tolerance, edge_tolerance)
    gaps = np.abs(expected - found).reshape(len(expected), -1).max(axis=1, initial=0.0) / scale
    difference = float(gaps.max(initial=0.0))
    wrong = int((gaps > allowed).sum())
    if wrong:
        return Comparison(difference, f"answers differ by up to {difference:.2g} on {wrong} of {len(gaps)} rows")
    if expected.ndim == 2 and expected.shape[1] > 1:
        top = np.sort(expected, axis=1)
        clear = top[:, -1] - top[:, -2] > 2 * allowed
        wrong = int((expected.argmax(axis=1) != found.argmax(axis=1))[clear].sum())
        if wrong:
            return Comparison(difference, f"{wrong} labels differ")
    return Comparison(difference, "")


def _spread(values: NDArray[np.floating[Any]]) -> float:
    spread, largest = float(np.std(values)), float(np.abs(values).max())
    # The standard deviation of equal numbers is not always exactly 0.
    return spread if spread > _NO_SPREAD * largest else max(1.0, largest)
