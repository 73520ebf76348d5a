"""Seeded bootstrap: percentile intervals of metrics, and the paired difference of two models.

Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13 (percentile interval). Rows are drawn
with replacement; a draw is kept as (n,) counts, so that a metric is computed on all draws at once instead of on copies
of the rows.

Notation: n rows, b draws; counts are (b, n) float64.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from millwright.evaluation.metrics.draws import Draws

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from millwright.evaluation.metrics.metric import Metric
    from millwright.evaluation.metrics.sample import Floats, Sample

_CHUNK_CELLS = 1_000_000  # 8 MB of weights at a time
_MIN_DEFINED = 0.9  # a metric undefined in more draws than this leaves has no honest interval


@dataclass(frozen=True, kw_only=True, slots=True)
class BootstrapOptions:
    """How to draw.

    Attributes:
        draws: How many draws at most; 1,000 steady the ends of a 95 % interval to a few per cent of its width.
        confidence: The share of draws inside the interval, between 0 and 1.
        budget: Rows times draws at most, so that large tables stay quick; but never fewer than 100 draws: the
            intervals of large tables are narrow, and so is the error of their ends.
        seed: Equal seeds give equal draws.
    """

    draws: int = 1_000
    confidence: float = 0.95
    budget: int = 10_000_000
    seed: int = 0

    def draws_for(self, rows: int) -> int:
        """The number of draws for a table of so many rows."""
        return min(self.draws, max(100, self.budget // max(rows, 1)))


def confidence_intervals(
    sample: Sample, metrics: Sequence[Metric], options: BootstrapOptions | None = None
) -> dict[str, tuple[float, float]]:
    """Percentile intervals of the metrics that apply.

    Args:
        sample: n rows.
        metrics: Which ones.
        options: How to draw.

    Returns:
        Metric name → (low, high). Left out: metrics that do not apply, or are undefined in over a tenth of the
        draws (such as ROC AUC with two positive rows). Empty for fewer than two rows.
    """
    chosen = options or BootstrapOptions()
    drawn = drawn_values(sample, metrics, chosen)
    found = {name: percentile_interval(values, chosen.confidence) for name, values in drawn.items()}
    return {name: interval for name, interval in found.items() if interval is not None}


def drawn_values(sample: Sample, metrics: Sequence[Metric], options: BootstrapOptions) -> dict[str, Floats]:
    """What the metrics are in each draw.

    Args:
        sample: n rows.
        metrics: Which ones.
        options: How to draw.

    Returns:
        Metric name → (b,), NaN in draws in which it is undefined. Metrics that do not apply are left out; empty for
        fewer than two rows.
    """
    fitting = [metric for metric in metrics if metric.applies(sample)]
    if sample.rows < 2 or not fitting:
        return {}
    values: dict[str, list[Floats]] = {metric.name: [] for metric in fitting}
    for weights in draw_weights(sample.rows, options):
        draws = Draws(sample, weights)
        for metric in fitting:
            values[metric.name].append(metric.function(draws))
    return {name: np.concatenate(parts) for name, parts in values.items()}


def paired_gains(new: Sample, old: Sample, metric: Metric, options: BootstrapOptions | None = None) -> Floats:
    """By how much one model is better than another, draw by draw on the same rows.

    Args:
        new: n rows as one model sees them.
        old: The same n rows, in the same order, as the other one sees them.
        metric: What is compared.
        options: How to draw.

    Returns:
        (b,) gains in the metric's unit, positive where `new` is better; draws in which the metric is undefined are
        left out, so b may be smaller than asked for, even 0.
    """
    chosen = options or BootstrapOptions()
    parts = []
    for weights in draw_weights(new.rows, chosen):
        gain = metric.function(Draws(new, weights)) - metric.function(Draws(old, weights))
        parts.append(gain if metric.greater_is_better else -gain)
    gains = np.concatenate(parts)
    return gains[np.isfinite(gains)]


def percentile_interval(values: Floats, confidence: float) -> tuple[float, float] | None:
    """The central interval that holds `confidence` of (b,) draws; None when over a tenth of them are NaN."""
    defined = values[np.isfinite(values)]
    if len(defined) < _MIN_DEFINED * len(values) or not len(defined):
        return None
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(defined, [tail, 1.0 - tail])
    return float(low), float(high)


def draw_weights(rows: int, options: BootstrapOptions) -> Iterator[Floats]:
    """How often each row is drawn, in chunks of draws.

    Args:
        rows: n.
        options: How many draws, and the seed.

    Yields:
        (c, n) float64 counts, each row of them summing to n; chunks of at most 8 MB.
    """
    rng = np.random.default_rng(options.seed)
    left = options.draws_for(rows)
    chunk = max(1, _CHUNK_CELLS // rows)
    while left > 0:
        size = min(chunk, left)
        drawn = rng.integers(0, rows, size=(size, rows)) + np.arange(size)[:, None] * rows
        yield np.bincount(drawn.ravel(), minlength=size * rows).reshape(size, rows).astype(np.float64)
        left -= size
