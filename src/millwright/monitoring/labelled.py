"""Answers beside the truth: labels and classes brought to one form, and handed to the metrics."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from millwright.evaluation.metrics.sample import Sample, classification_sample, regression_sample
from millwright.models.task import Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.evaluation.metrics.sample import Floats
    from millwright.models.signature import Signature
    from millwright.monitoring.column_table import ColumnView

_JOINED = 100_000  # predictions whose labels are looked for at a time


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


def label_column(labels: pl.DataFrame, ids: pl.Series | ColumnView, signature: Signature) -> pl.Series:
    """The labels of predictions, in the form of `label_series`.

    Args:
        labels: `prediction_id`, unique, and `value` as JSON text (`PredictionStore.label_table`); others are ignored.
        ids: (n,) ids of predictions.
        signature: Of the model that they are compared with.

    Returns:
        n labels in the order of the ids, null where there is none.
    """
    known = labels.select("prediction_id", "value")
    if signature.task is Task.REGRESSION:
        values = label_series(known["value"].cast(pl.Float64, strict=False), signature)
    else:
        distinct = known["value"].unique()
        told = label_series([json.loads(text) for text in distinct], signature)
        values = known["value"].replace_strict(distinct, told, return_dtype=pl.String)
    known = known.select("prediction_id", values.alias("label"))
    places = (np.arange(start, min(start + _JOINED, len(ids))) for start in range(0, len(ids), _JOINED))
    parts = (ids.gather(rows).to_frame("prediction_id") for rows in places)  # a join holds several times its rows
    found = [part.join(known, on="prediction_id", how="left", maintain_order="left")["label"] for part in parts]
    return pl.concat(found) if found else values.clear().alias("label")


def labelled_sample(outputs: pl.DataFrame, labels: pl.Series, signature: Signature) -> Sample | None:
    """The rows whose label and answer are known, ready for the metrics.

    Args:
        outputs: n answers, as `monitored_column.output_frame` gives them.
        labels: n labels, as `label_series` gives them. Labels that are no class of the model are left out.
        signature: Of the model.

    Returns:
        The sample, or None when no row is known.
    """
    known = known_rows(outputs, labels, signature)
    if not known.any():
        return None
    answers, truth = (outputs, labels) if known.all() else (outputs.filter(known), labels.filter(known))
    said = answers.get_column("prediction")
    if signature.task is Task.REGRESSION:
        return regression_sample(truth, said)
    names = [column.name for column in signature.outputs if column.name != "prediction"]
    scores = answers.select(names).to_numpy()
    if scores.shape[1] == 0 or np.isnan(scores).any():
        return _classified(truth, said, None, signature)
    # A log that was rounded, or summed in another order, may leave [0, 1] by a rounding error.
    if signature.task is Task.BINARY:
        scores = np.column_stack([1.0 - scores[:, 0], scores[:, 0]])
    scores = np.clip(scores, 0.0, 1.0, out=scores if scores.flags.writeable else None)
    return _classified(truth, said, scores, signature)


def known_rows(outputs: pl.DataFrame, labels: pl.Series, signature: Signature) -> pl.Series:
    """Which rows `labelled_sample` takes, n booleans: those with an answer and a label that the model knows.

    None of a model that answers arrays: there is no one answer to be right.
    """
    if signature.task is Task.TENSOR:
        return pl.Series([False]).new_from_index(0, len(labels))
    known = labels.is_not_null() & outputs.get_column("prediction").is_not_null()
    return known & labels.is_in(class_names(signature)) if signature.task.is_classification else known


def _classified(truth: pl.Series, said: pl.Series, scores: Floats | None, signature: Signature) -> Sample:
    """As `classification_sample`, without a Python object per row."""
    classes = class_names(signature)
    codes = [
        side.replace_strict(classes, range(len(classes)), default=None, return_dtype=pl.Int64) for side in (truth, said)
    ]
    if codes[1].null_count():  # an answer that is no class of the model: let it be refused in words
        return classification_sample(truth, said, scores, classes=classes)
    y_true, y_pred = (side.to_numpy() for side in codes)
    return Sample(task=signature.task, y_true=y_true, y_pred=y_pred, scores=scores, classes=classes)
