"""How wrong each labelled answer was: what concept drift and the attribution of a loss are read from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from millwright.evaluation.metrics.probability import brier_by_row
from millwright.evaluation.metrics.sample import Codes, Floats
from millwright.models.task import Task
from millwright.monitoring.labelled import known_rows, labelled_sample

if TYPE_CHECKING:
    import polars as pl

    from millwright.models.signature import Signature

ABSOLUTE_ERROR = "absolute error"
BRIER_SCORE = "Brier score"
ERROR_RATE = "error rate"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class RowLosses:
    """Losses of the rows whose label is known.

    Attributes:
        rows: (k,) which of the n rows those are, rising.
        values: (k,) their losses, ≥ 0.
        errors: (k,) 1 where a wrong class was answered, else 0; the absolute error of numbers.
        name: What the mean of `values` is called: of numbers the absolute error; of classes with probabilities the
            metrics' Brier score (`brier_by_row`); else the error rate.
    """

    rows: Codes
    values: Floats
    errors: Floats
    name: str


def row_losses(outputs: pl.DataFrame, labels: pl.Series, signature: Signature) -> RowLosses | None:
    """The loss of each labelled row.

    Args:
        outputs: n answers (`monitored_column.output_frame`).
        labels: Their n labels (`labelled.label_series`); rows without one, without an answer, or of a class that the
            model does not know, are left out.
        signature: Of the model.

    Returns:
        None when no row is known, or the model answers arrays.
    """
    sample = labelled_sample(outputs, labels, signature)
    if sample is None:
        return None
    rows = np.flatnonzero(known_rows(outputs, labels, signature).to_numpy()).astype(np.int64)
    if signature.task is Task.REGRESSION:
        values = np.abs(sample.y_true - sample.y_pred)
        return RowLosses(rows=rows, values=values, errors=values, name=ABSOLUTE_ERROR)
    errors = (sample.y_true != sample.y_pred).astype(np.float64)
    if sample.scores is None:
        return RowLosses(rows=rows, values=errors, errors=errors, name=ERROR_RATE)
    return RowLosses(rows=rows, values=brier_by_row(sample), errors=errors, name=BRIER_SCORE)
