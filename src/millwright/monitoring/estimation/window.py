"""The estimator of a version, made from its reference, for windows of its prediction log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from millwright.core.errors import InvalidInputError, MissingExtraError
from millwright.evaluation.metrics.catalog import metrics_for
from millwright.models.task import Task
from millwright.monitoring.estimation.confidence import ConfidenceEstimator
from millwright.monitoring.estimation.loss import LossEstimator
from millwright.monitoring.labelled import labelled_sample
from millwright.monitoring.monitored_column import without_tensors

if TYPE_CHECKING:
    import polars as pl

    from millwright.evaluation.interval import BootstrapOptions
    from millwright.models.signature import Signature
    from millwright.monitoring.column_table import Table
    from millwright.monitoring.estimation.estimate import Estimate
    from millwright.monitoring.reference import Reference


class WindowEstimator:
    """Estimates how well a version does on a window without labels.

    Args:
        reference: Of the version, with labelled rows that it was not fitted to.
        signature: Of the version.

    Raises:
        InvalidInputError: The reference has no such rows, or too few; or a classifier gives no probabilities.
        MissingExtraError: scikit-learn is not installed.
    """

    def __init__(self, reference: Reference, signature: Signature) -> None:
        part = reference.held_out
        sample = None if part is None else labelled_sample(part.outputs, part.labels, signature)
        if part is None or sample is None:
            raise InvalidInputError(
                "Expected labelled rows that the model was not fitted to, found none in the reference.",
                hint="Evaluate the model on held-out rows before it is registered.",
            )
        signature = without_tensors(signature)
        self._signature = signature
        self._losses = self._scores = None
        if signature.task is Task.REGRESSION:
            if not signature.inputs:
                raise InvalidInputError(
                    "Expected a column of single values to learn from where the model errs, found tensors alone."
                )
            known = part.labels.is_not_null() & part.outputs.get_column("prediction").is_not_null()
            self._losses = LossEstimator(part.inputs.filter(known), sample.y_pred, sample.y_true, signature)
        else:
            self._scores = ConfidenceEstimator(sample)

    def estimate(
        self, inputs: Table, outputs: pl.DataFrame, options: BootstrapOptions | None = None
    ) -> Estimate | None:
        """What labels are expected to show.

        Args:
            inputs: n raw rows (`monitored_column.input_frame`), in memory or read column by column.
            outputs: Their n answers (`monitored_column.output_frame`).
            options: How intervals are drawn.

        Returns:
            None when no row was answered, or none with probabilities.
        """
        # As if the answers were the labels: what is needed of a sample here are answers and scores alone.
        answered = labelled_sample(outputs, outputs.get_column("prediction"), self._signature)
        if answered is None:
            return None
        if self._losses is not None:
            known = outputs.get_column("prediction").is_not_null().arg_true().to_numpy().astype(np.int64)
            return self._losses.estimate(inputs, answered.y_pred, options, rows=known)
        if self._scores is None or answered.scores is None:
            return None
        return self._scores.estimate(answered.y_pred, answered.scores, metrics_for(self._signature.task), options)


def window_estimator(reference: Reference, signature: Signature) -> tuple[WindowEstimator | None, str]:
    """The estimator of a version, or None and one sentence on why there is none."""
    try:
        return WindowEstimator(reference, signature), ""
    except (InvalidInputError, MissingExtraError) as error:
        return None, f"Performance is not estimated: {error.message}"
