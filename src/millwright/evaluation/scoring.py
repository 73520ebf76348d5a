"""From tables to samples: a model's answers beside the true values of the same rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from millwright.core.errors import InvalidInputError, closest
from millwright.evaluation.metrics.sample import Sample, encode_labels, regression_sample
from millwright.models.task import Task

if TYPE_CHECKING:
    from millwright.evaluation.metrics.sample import Floats
    from millwright.models.signature import Signature

_ROUNDING = 1e-6  # float32 probabilities may leave [0, 1] by this much


def labelled_rows(frame: pl.DataFrame, target: str) -> pl.DataFrame:
    """The rows whose target is known (not null, not NaN).

    Raises:
        InvalidInputError: There is no such column (the nearest is named), or no such row.
    """
    if target not in frame.columns:
        raise InvalidInputError(f"The table has no target column '{target}'.", hint=closest(target, frame.columns))
    known = pl.col(target).is_not_null()
    if frame.schema[target].is_float():
        known &= pl.col(target).is_not_nan()
    labelled = frame.filter(known)
    if labelled.is_empty():
        raise InvalidInputError(
            f"Expected at least one row with a value in '{target}', found {frame.height} rows and none.",
            hint="Evaluate on rows whose outcome is known.",
        )
    return labelled


def score(signature: Signature, truth: pl.Series, predictions: pl.DataFrame) -> Sample:
    """A sample from true values and what a model answered.

    A multi-class label that the model never saw becomes a class of its own with probability 0: it counts as wrong.

    Args:
        signature: Of the model that answered.
        truth: (n,) true values without nulls; of the target's type.
        predictions: (n rows) with the signature's output columns.

    Raises:
        InvalidInputError: No rows, a missing output column, unequal lengths, labels a binary model does not know, or
            a model that answers arrays.
    """
    if signature.task is Task.TENSOR:
        raise InvalidInputError(
            "Expected a model that answers classes or numbers, found one that answers arrays: none is right.",
            hint="Evaluate what is made of them, such as a search or a classifier on the embeddings.",
        )
    missing = [column.name for column in signature.outputs if column.name not in predictions.columns]
    if missing:
        raise InvalidInputError(
            f"Expected the prediction columns {', '.join(column.name for column in signature.outputs)}, "
            f"found {', '.join(predictions.columns) or 'none'}."
        )
    if len(truth) != predictions.height:
        raise InvalidInputError(f"Expected predictions for {len(truth)} rows, found {predictions.height}.")
    if signature.task is Task.REGRESSION:
        return regression_sample(truth.cast(pl.Float64).to_numpy(), predictions["prediction"].to_numpy())
    return _classified(signature, truth, predictions)


def _classified(signature: Signature, truth: pl.Series, predictions: pl.DataFrame) -> Sample:
    if not len(truth):
        raise InvalidInputError("Expected at least one row to evaluate, found none.", hint="Give a non-empty table.")
    labels = _as_labels(truth)
    classes = tuple(signature.classes)
    scores = _scores(signature, predictions)
    if signature.task is Task.MULTICLASS:
        known = set(classes)
        unseen = tuple(sorted({label for label in labels if label not in known}, key=str))
        classes += unseen
        scores = np.pad(scores, ((0, 0), (0, len(unseen))))
    return Sample(
        task=signature.task,
        y_true=encode_labels(labels, classes),
        y_pred=encode_labels(_as_labels(predictions["prediction"]), classes),
        scores=scores,
        classes=classes,
    )


def _as_labels(series: pl.Series) -> list[Any]:
    plain = series.dtype == pl.Boolean or series.dtype.is_numeric() or series.dtype == pl.String
    return (series if plain else series.cast(pl.String)).to_list()


def _scores(signature: Signature, predictions: pl.DataFrame) -> Floats:
    columns = [column.name for column in signature.outputs if column.name != "prediction"]
    given = predictions.select(pl.col(columns).cast(pl.Float64)).to_numpy()
    if given.shape[1] == 1:
        given = np.column_stack([1.0 - given[:, 0], given[:, 0]])
    if not np.all((given >= -_ROUNDING) & (given <= 1.0 + _ROUNDING)):
        raise InvalidInputError(
            "Expected probabilities between 0 and 1 from the model, found others or missing values.",
            hint="The model's package is broken: train or convert it again.",
        )
    return np.asarray(np.clip(given, 0.0, 1.0))
