"""The lines of the plots, thinned so that a report stays small.

Source of the ROC curve: Fawcett, Pattern Recognition Letters 27 (2006), algorithm 1. Points are never interpolated:
thinning keeps a subset of the true ones, evenly spread along the line, and always both ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from millwright.evaluation.metrics.draws import Draws
from millwright.evaluation.report import Curve

if TYPE_CHECKING:
    from millwright.evaluation.metrics.sample import Codes, Floats, Sample

MAX_POINTS = 200
MAX_SCATTER = 500
_MAX_CLASSES = 6  # more lines than this cannot be told apart
_CALIBRATION_BINS = 10
_RESIDUAL_BINS = 40


def curves(sample: Sample, seed: int = 0) -> dict[str, tuple[Curve, ...]]:
    """All curves that fit the sample's task and are defined on it.

    Args:
        sample: n rows.
        seed: Which rows a scatter shows when there are more than 500.

    Returns:
        Classification with scores: `roc`, `precision_recall`, `calibration`, one line for two classes, else one
        for each of the six most frequent ones. Regression: `predicted_actual` (points) and `residuals` (a histogram).
    """
    if not sample.classes:
        return {"predicted_actual": (predicted_actual(sample, seed),), "residuals": (residuals(sample),)}
    if sample.scores is None:
        return {}
    codes = _shown_classes(sample)
    found = {
        "roc": tuple(roc(sample, code) for code in codes),
        "precision_recall": tuple(precision_recall(sample, code) for code in codes),
        "calibration": tuple(calibration(sample, code) for code in codes),
    }
    return {name: lines for name, lines in found.items() if lines}


def roc(sample: Sample, code: int) -> Curve:
    """True positive rate over false positive rate, from (0, 0) to (1, 1); both classes must occur."""
    inside, outside = (part[0] for part in Draws(sample).ranked(code))
    x, y = _from_zero(outside) / outside.sum(), _from_zero(inside) / inside.sum()
    return _thinned(_label(sample, code), x, y)


def precision_recall(sample: Sample, code: int) -> Curve:
    """Precision over recall, by falling threshold; starts at recall 0 with the precision of the first step."""
    inside, outside = (part[0] for part in Draws(sample).ranked(code))
    found = np.cumsum(inside)
    precision = found / (found + np.cumsum(outside))
    recall = found / inside.sum()
    return _thinned(_label(sample, code), np.concatenate([[0.0], recall]), np.concatenate([precision[:1], precision]))


def calibration(sample: Sample, code: int) -> Curve:
    """Share of positives over mean score, in up to ten bins of about equally many rows.

    Equal-count bins, because equal-width ones leave most bins nearly empty when the classes are unbalanced. Bins
    with the same edge are one bin.
    """
    if sample.scores is None:
        msg = "a calibration curve needs scores"
        raise ValueError(msg)
    score = sample.scores[:, code]
    outcome = (sample.y_true == code).astype(np.float64)
    edges = np.unique(np.quantile(score, np.linspace(0.0, 1.0, _CALIBRATION_BINS + 1)[1:-1]))
    bins = np.searchsorted(edges, score, side="right")
    count = np.bincount(bins)
    filled = count > 0
    x = np.bincount(bins, weights=score)[filled] / count[filled]
    y = np.bincount(bins, weights=outcome)[filled] / count[filled]
    return Curve(
        label=_label(sample, code),
        x=tuple(map(float, x)),
        y=tuple(map(float, y)),
        weight=tuple(int(rows) for rows in count[filled]),
    )


def predicted_actual(sample: Sample, seed: int) -> Curve:
    """Predicted over true values; at most 500 rows, drawn with the seed."""
    rows = np.arange(sample.rows)
    if sample.rows > MAX_SCATTER:
        rows = np.sort(np.random.default_rng(seed).choice(sample.rows, MAX_SCATTER, replace=False))
    return Curve(label="", x=tuple(map(float, sample.y_true[rows])), y=tuple(map(float, sample.y_pred[rows])))


def residuals(sample: Sample) -> Curve:
    """A histogram of prediction minus truth: bin centres and rows, in up to 40 bins of equal width."""
    error = sample.y_pred - sample.y_true
    bins = int(np.clip(np.sqrt(sample.rows), 5, _RESIDUAL_BINS))
    count, edges = np.histogram(error, bins=bins)
    centres = (edges[1:] + edges[:-1]) / 2
    return Curve(label="", x=tuple(map(float, centres)), y=tuple(map(float, count)))


def _shown_classes(sample: Sample) -> list[int]:
    counts = np.bincount(sample.y_true, minlength=len(sample.classes))
    codes = [1] if len(sample.classes) == 2 else np.argsort(-counts, kind="stable")[:_MAX_CLASSES].tolist()
    return [code for code in codes if 0 < counts[code] < sample.rows]


def _label(sample: Sample, code: int) -> str:
    return str(sample.classes[code])


def _from_zero(steps: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(steps)])


def _thinned(label: str, x: Floats, y: Floats) -> Curve:
    keep = _spread(x, y, MAX_POINTS)
    return Curve(label=label, x=tuple(map(float, x[keep])), y=tuple(map(float, y[keep])))


def _spread(x: Floats, y: Floats, limit: int) -> Codes:
    """Up to `limit` point numbers, evenly spread along the line from point to point."""
    if len(x) <= limit:
        return np.arange(len(x))
    way = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))])
    chosen = np.searchsorted(way, np.linspace(0.0, way[-1], limit))
    chosen[0], chosen[-1] = 0, len(x) - 1
    return np.unique(chosen)
