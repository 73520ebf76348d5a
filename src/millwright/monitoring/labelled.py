"""Answers beside the truth: labels and classes brought to one form, and handed to the metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from millwright.evaluation.metrics.sample import classification_sample, regression_sample
from millwright.models.task import Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.evaluation.metrics.sample import Sample
    from millwright.models.signature import Signature


def class_text(value: Any) -> str:
    """A class as text, the same for equal classes of any source: `true`, `1`, `late`."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def class_names(signature: Signature) -> tuple[str, ...]:
    """The model's classes as text, in their order; empty for regression."""
    return tuple(class_text(value) for value in signature.classes)


def label_series(values: pl.Series | Sequence[Any], signature: Signature) -> pl.Series:
    """Labels in the form in which they are compared.

    Args:
        values: JSON values or a target column; nulls and, for numbers, what is no finite number are unknown.
        signature: Of the model that they are compared with.

    Returns:
        Text for classes, Float64 for numbers, null where unknown; same length.
    """
    if signature.task is Task.REGRESSION:
        series = pl.Series("label", values, dtype=pl.Float64, strict=False)
        return pl.select(pl.when(series.is_finite()).then(series)).to_series().alias("label")
    # Through the classes themselves, so that 1, 1.0 and true find the class they equal.
    known = {value: class_text(value) for value in signature.classes}
    return pl.Series("label", [None if v is None else known.get(v, class_text(v)) for v in values], dtype=pl.String)


def labelled_sample(outputs: pl.DataFrame, labels: pl.Series, signature: Signature) -> Sample | None:
    """The rows whose label and answer are known, ready for the metrics.

    Args:
        outputs: n answers, as `monitored_column.output_frame` gives them.
        labels: n labels, as `label_series` gives them. Labels that are no class of the model are left out.
        signature: Of the model.

    Returns:
        The sample, or None when no row is known.
    """
    known = labels.is_not_null() & outputs.get_column("prediction").is_not_null()
    if signature.task is not Task.REGRESSION:
        known &= labels.is_in(class_names(signature))
    if not known.any():
        return None
    answers, truth = outputs.filter(known), labels.filter(known)
    if signature.task is Task.REGRESSION:
        return regression_sample(truth, answers.get_column("prediction"))
    names = [column.name for column in signature.outputs if column.name != "prediction"]
    scores = answers.select(names).to_numpy()
    if scores.shape[1] == 0 or np.isnan(scores).any():
        return classification_sample(truth, answers.get_column("prediction"), classes=class_names(signature))
    # A log that was rounded, or summed in another order, may leave [0, 1] by a rounding error.
    scores = np.clip(scores[:, 0] if signature.task is Task.BINARY else scores, 0.0, 1.0)
    return classification_sample(truth, answers.get_column("prediction"), scores, classes=class_names(signature))
