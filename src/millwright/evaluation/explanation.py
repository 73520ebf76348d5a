"""Permutation importance of the raw input columns.

Source: Breiman, Machine Learning 45 (2001), in the model-agnostic form of Fisher, Rudin and Dominici, JMLR 20 (2019): a
column matters as much as the model gets worse when its values are dealt out to other rows. Columns that carry the
same information share it between them, so that each one can look unimportant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from millwright.core.progress import SilentProgress
from millwright.evaluation.metrics.catalog import MAIN_METRIC, get_metric
from millwright.evaluation.report import Importance
from millwright.evaluation.scoring import score

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.progress import Progress
    from millwright.evaluation.metrics.metric import Metric
    from millwright.evaluation.metrics.sample import Sample
    from millwright.models.signature import Signature


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportanceOptions:
    """How to permute.

    Attributes:
        repeats: Shuffles per column; their spread is the importance's standard deviation. 0: no importances.
        budget: Predicted rows at most, over all columns and repeats; the rows used follow from it.
        min_rows: Rows used even when the budget would allow fewer.
        max_rows: Rows used at most.
        seed: Of the rows drawn and of the shuffles.
    """

    repeats: int = 5
    budget: int = 100_000
    min_rows: int = 200
    max_rows: int = 2_000
    seed: int = 0

    def rows_for(self, rows: int, columns: int) -> int:
        """How many of the test rows are used."""
        affordable = self.budget // max(1, columns * self.repeats)
        return min(rows, self.max_rows, max(self.min_rows, affordable))


def permutation_importances(
    predict: Callable[[pl.DataFrame], pl.DataFrame],
    frame: pl.DataFrame,
    signature: Signature,
    *,
    options: ImportanceOptions | None = None,
    progress: Progress | None = None,
) -> tuple[tuple[Importance, ...], str]:
    """How much each raw input column matters to the model.

    Args:
        predict: Raw rows → the signature's output columns.
        frame: Raw test rows with the target known in each; at least one.
        signature: Of the model.
        options: Rows, repeats, seed.
        progress: Shown one unit per column.

    Returns:
        The importances, most important first, and the metric they are measured in: the task's main metric, or the
        next one that is defined on the rows (log loss, accuracy). Nothing and "" for 0 repeats.
    """
    chosen = options or ImportanceOptions()
    columns = [column.name for column in signature.inputs if column.name in frame.columns]
    if not chosen.repeats or not columns:
        return (), ""
    rng = np.random.default_rng(chosen.seed)
    rows = chosen.rows_for(frame.height, len(columns))
    if rows < frame.height:
        frame = frame[np.sort(rng.choice(frame.height, rows, replace=False))]
    inputs, truth = frame.select(columns), frame[signature.target]
    whole = score(signature, truth, predict(inputs))
    metric = _defined_metric(whole)
    reference = metric.value(whole) or 0.0
    found = []
    with (progress or SilentProgress()).task("Permutation importances", total=len(columns)) as task:
        for column in columns:
            shuffled = [inputs.with_columns(inputs[column][rng.permutation(rows)]) for _ in range(chosen.repeats)]
            answers = predict(pl.concat(shuffled))  # one call: many estimators cost most per call
            parts = [score(signature, truth, answers.slice(i * rows, rows)) for i in range(chosen.repeats)]
            losses = [metric.gain(reference, metric.value(part) or 0.0) for part in parts]
            found.append(Importance(column=column, mean=float(np.mean(losses)), std=float(np.std(losses))))
            task.advance(note=column)
    return tuple(sorted(found, key=lambda one: (-one.mean, one.column))), metric.name


def _defined_metric(sample: Sample) -> Metric:
    for name in (MAIN_METRIC[sample.task], "log_loss"):
        metric = get_metric(name)
        if metric.value(sample) is not None:
            return metric
    return get_metric("accuracy")
