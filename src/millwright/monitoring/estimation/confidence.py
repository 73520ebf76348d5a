"""Performance of a classifier expected from its probabilities (CBPE, confidence-based performance estimation).

A row whose probability of being late is 0.7 is a late row seven times in ten: it counts as 0.7 rows that are late and
0.3 rows that are not. Every metric of `evaluation` is computed on such rows, so that what is estimated and what is
realised later are the same number. Sources: Guillory et al., Predicting with confidence on unseen distributions, 2021;
NannyML's documentation, "Confidence-based Performance Estimation", whose values this gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from millwright.core.errors import InvalidInputError
from millwright.evaluation.interval import BootstrapOptions, percentile_interval
from millwright.evaluation.metrics.draws import Draws
from millwright.evaluation.metrics.sample import Sample
from millwright.monitoring.estimation.calibration import Calibration
from millwright.monitoring.estimation.estimate import Estimate
from millwright.monitoring.estimation.order import nearly_ordered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.evaluation.metrics.metric import Metric
    from millwright.evaluation.metrics.sample import Floats

METHOD = "CBPE"
_CHUNK_CELLS = 1_000_000  # 8 MB of weights at a time
_DRAWN_ROWS = 10_000  # whose labels are drawn, of more


class ConfidenceEstimator:
    """Estimates what a classifier's metrics are, from its answers alone.

    Args:
        reference: Labelled rows with scores that the model was not fitted to; they show whether scores mean what they
            say.

    Raises:
        InvalidInputError: The model gives no scores.
        MissingExtraError: scikit-learn is not installed.
    """

    def __init__(self, reference: Sample) -> None:
        if reference.scores is None:
            raise InvalidInputError(
                "Expected a classifier that gives probabilities, found one that gives classes only.",
                hint="Performance can be measured once labels are there: mw labels add",
            )
        self.calibration = Calibration.of(reference)
        self._classes, self._task = reference.classes, reference.task

    def estimate(
        self, y_pred: Floats, scores: Floats, metrics: Sequence[Metric], options: BootstrapOptions | None = None
    ) -> Estimate:
        """What the metrics are on answered rows.

        Args:
            y_pred: (n,) class codes that were answered, n ≥ 1.
            scores: (n, k) probabilities that were answered.
            metrics: Which ones; those that do not apply are left out.
            options: How intervals are drawn.
        """
        chosen = options or BootstrapOptions()
        order = nearly_ordered(scores[:, -1])[::-1]  # ranking what is in order already takes next to no time
        y_pred, scores = y_pred[order], scores[order]
        probabilities = self.calibration.probabilities(scores)
        rows, k = probabilities.shape
        told = Sample(
            task=self._task,
            y_true=np.tile(np.arange(k), rows),
            y_pred=np.repeat(y_pred, k),
            scores=np.repeat(scores, k, axis=0),
            classes=self._classes,
        )
        fitting = [metric for metric in metrics if metric.applies(told)]
        expected = Draws(told, probabilities.reshape(1, -1))
        values = {metric.name: float(metric.function(expected)[0]) for metric in fitting}
        note = "Scores were calibrated on the reference." if self.calibration.is_used else ""
        return Estimate(
            rows=rows,
            metrics={name: value for name, value in values.items() if np.isfinite(value)},
            intervals=_intervals(told, probabilities, fitting, values, chosen),
            method=METHOD,
            note=note,
        )


def _intervals(
    told: Sample, probabilities: Floats, metrics: Sequence[Metric], values: dict[str, float], options: BootstrapOptions
) -> dict[str, tuple[float, float]]:
    """Where the realised values will lie: these rows are what they are, and each one's label is drawn.

    Of many rows, the labels of a part are drawn, and how far metrics scatter there is scaled to all: the deviation of
    a mean falls with the square root of the number of rows.
    """
    rows, k = probabilities.shape
    if rows < 2:
        return {}
    generator = np.random.default_rng(options.seed)
    part, centre, scale = told, values, 1.0
    if rows > _DRAWN_ROWS:
        chosen = np.sort(generator.choice(rows, _DRAWN_ROWS, replace=False))
        part = told.where((chosen[:, None] * k + np.arange(k)).ravel())
        probabilities = probabilities[chosen]
        expected = Draws(part, probabilities.reshape(1, -1))
        centre = {metric.name: float(metric.function(expected)[0]) for metric in metrics}
        scale = float(np.sqrt(_DRAWN_ROWS / rows))
    found = {}
    for name, drawn in _draw(part, probabilities, metrics, options.draws_for(rows), generator).items():
        interval = percentile_interval(drawn, options.confidence)
        if interval is not None:
            low, high = (values[name] + (end - centre[name]) * scale for end in interval)
            found[name] = (low, high)
    return found


def _draw(
    told: Sample, probabilities: Floats, metrics: Sequence[Metric], draws: int, generator: np.random.Generator
) -> dict[str, Floats]:
    """(draws,) values per metric on labels that are drawn."""
    rows, k = probabilities.shape
    up_to = np.cumsum(probabilities, axis=1).T
    values: dict[str, list[Floats]] = {metric.name: [] for metric in metrics}
    left, chunk = draws, max(1, _CHUNK_CELLS // (rows * k))
    while left > 0:
        dice = generator.random((min(chunk, left), rows))
        left -= len(dice)
        labels = sum((dice > up_to[code] for code in range(k - 1)), np.zeros(dice.shape, dtype=np.int64))
        weights = (labels[:, :, None] == np.arange(k)).reshape(len(dice), -1).astype(np.float64)
        drawn = Draws(told, weights)  # what metrics share is computed once
        for metric in metrics:
            values[metric.name].append(metric.function(drawn))
    return {name: np.concatenate(parts) for name, parts in values.items()}
