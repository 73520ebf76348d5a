"""Scores that mean what they say: of rows with score 0.7, seven in ten are of the class.

Isotonic regression of the label on the score (Zadrozny and Elkan, Transforming classifier scores into accurate
multiclass probability estimates, 2002), class by class, the classes' probabilities then brought to a sum of 1. It is
used only where it makes the scores of rows that it was not fitted to better: otherwise it would add its own noise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from millwright.core.errors import MissingExtraError
from millwright.monitoring.estimation.order import nearly_ordered

if TYPE_CHECKING:
    from millwright.evaluation.metrics.sample import Codes, Floats, Sample

_BINS = 10
_FOLDS = 5
_GROUPS = 10_000  # of rows of nearly equal scores
_SEED = 20_261_122  # fixed, so that a report can be computed again


def expected_calibration_error(
    scores: Floats, is_class: Floats, bins: int = _BINS, *, weights: Floats | None = None
) -> float:
    """By how much scores and the share of rows of the class differ on average, over bins of equal numbers of rows.

    Source: Naeini, Cooper and Hauskrecht, Obtaining well calibrated probabilities using Bayesian binning, 2015.

    Args:
        scores: (n,) scores of one class, n ≥ 1.
        is_class: (n,) 1 where the row is of the class, else 0; or the share of such rows where one stands for several.
        bins: How many; at most n.
        weights: (n,) how many rows each one stands for, > 0; one each by default.

    Returns:
        0 to 1.
    """
    order = np.argsort(scores, kind="stable")
    if weights is None:
        parts = np.array_split(order, min(bins, order.size))
        gaps = [abs(float(scores[part].mean() - is_class[part].mean())) * part.size for part in parts]
        return sum(gaps) / order.size
    up_to = np.cumsum(weights[order])
    borders = np.searchsorted(up_to, up_to[-1] * np.arange(1, bins) / bins, side="right")
    surplus = (weights * (scores - is_class))[order]
    return float(sum(abs(part.sum()) for part in np.split(surplus, borders)) / up_to[-1])


@dataclass(frozen=True, slots=True)
class Calibration:
    """Turns a model's scores into probabilities.

    Attributes:
        curves: Per class a fitted isotonic regression; None for a class whose scores are taken as they are.
    """

    curves: tuple[Any, ...]

    @classmethod
    def of(cls, sample: Sample) -> Calibration:
        """What a reference calls for.

        Args:
            sample: Labelled rows with scores that the model was not fitted to.

        Raises:
            MissingExtraError: scikit-learn is not installed.
        """
        scores = _scores(sample)
        if len(sample.classes) == 2:
            return cls((_curve(scores[:, 1], (sample.y_true == 1).astype(np.float64)),))
        codes = range(len(sample.classes))
        return cls(tuple(_curve(scores[:, code], (sample.y_true == code).astype(np.float64)) for code in codes))

    @property
    def is_used(self) -> bool:
        """Whether scores are changed at all."""
        return any(curve is not None for curve in self.curves)

    def probabilities(self, scores: Floats) -> Floats:
        """The classes' probabilities, (n, k) float64, each row summing to 1.

        Args:
            scores: (n, k), as the model gave them.
        """
        if len(self.curves) == 1:
            positive = _calibrated(self.curves[0], scores[:, 1])
            return np.column_stack([1.0 - positive, positive])
        found = np.column_stack([_calibrated(curve, scores[:, code]) for code, curve in enumerate(self.curves)])
        total = found.sum(axis=1, keepdims=True)
        # No class at all is likely there: then the scores as they are.
        return np.where(total > 0, found / np.where(total > 0, total, 1.0), scores)


def _scores(sample: Sample) -> Floats:
    if sample.scores is None:
        msg = "calibration needs scores"
        raise ValueError(msg)
    return sample.scores


def _calibrated(curve: Any, scores: Floats) -> Floats:
    return scores if curve is None else np.asarray(curve.predict(scores), dtype=np.float64)


def _curve(scores: Floats, is_class: Floats) -> Any:
    """The fitted regression, or None where scores are no worse without it."""
    if not 0.0 < is_class.mean() < 1.0 or scores.size < _FOLDS * _BINS:
        return None
    order = nearly_ordered(scores)  # what is in order is quicker to fit
    scores, is_class = scores[order], is_class[order]
    groups = _Groups.of(scores, is_class)
    held_out = np.empty_like(groups.score)
    for number in range(_FOLDS):
        inside = groups.fold == number
        held_out[inside] = groups.where(~inside).fitted().predict(groups.score[inside])
    plain = expected_calibration_error(groups.score, groups.share, weights=groups.rows)
    if expected_calibration_error(held_out, groups.share, weights=groups.rows) >= plain:
        return None
    return _fitted(scores, is_class)


@dataclass(frozen=True, slots=True)
class _Groups:
    """Rows of nearly equal scores as one: whether a curve helps is told as well by ten thousand of them.

    Attributes:
        score: (g,) mean score.
        share: (g,) share of rows of the class.
        rows: (g,) how many, > 0.
        fold: (g,) which fold they belong to; a group's rows are of one.
    """

    score: NDArray[np.float64]
    share: NDArray[np.float64]
    rows: NDArray[np.float64]
    fold: NDArray[np.int64]

    @classmethod
    def of(cls, scores: Floats, is_class: Floats) -> _Groups:
        """The groups of (n,) rows in order of their scores."""
        n = scores.size
        count = min(n, _GROUPS)
        fold: Codes = np.random.default_rng(_SEED).integers(0, _FOLDS, n, dtype=np.uint8)
        group = (np.arange(n) * count // n) * _FOLDS + fold  # by rank
        rows = np.bincount(group, minlength=count * _FOLDS).astype(np.float64)
        used = np.flatnonzero(rows)
        score, positive = (np.bincount(group, side, count * _FOLDS) for side in (scores, is_class))
        return cls(score[used] / rows[used], positive[used] / rows[used], rows[used], used % _FOLDS)

    def where(self, mask: NDArray[np.bool_]) -> _Groups:
        return _Groups(self.score[mask], self.share[mask], self.rows[mask], self.fold[mask])

    def fitted(self) -> Any:
        return _fitted(self.score, self.share, self.rows)


def _fitted(scores: Floats, is_class: Floats, rows: Floats | None = None) -> Any:
    try:
        from sklearn.isotonic import IsotonicRegression
    except ImportError as error:
        raise MissingExtraError("scikit-learn", "sklearn") from error
    return IsotonicRegression(out_of_bounds="clip").fit(scores, is_class, rows)
