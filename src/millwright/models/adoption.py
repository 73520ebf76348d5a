"""Models that were fitted elsewhere, as models here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from millwright.core.errors import InvalidInputError, ModelFailedError
from millwright.models.column import ColumnType
from millwright.models.compile.comparison import compare
from millwright.models.compile.compilation import EDGE_FACTOR, TOLERANCE
from millwright.models.compile.edge import edge_matrix
from millwright.models.encoder import Encoder
from millwright.models.example import json_rows
from millwright.models.flavors.catalog import flavor_of
from millwright.models.flavors.flavor import takes_frames
from millwright.models.model import Model
from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.models.tensor.sample import Sample, has_arrays
from millwright.models.tensor_adoption.adoption import TensorRequest, adopt_tensors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

_EXAMPLE_ROWS = 5
_COMPARED_ROWS = 2_000
_ROUNDING = 1e-3  # of probabilities in single precision
_NUMBERS = {ColumnType.NUMBER, ColumnType.INTEGER, ColumnType.BOOLEAN}


def adopt(
    estimator: Any,
    sample: Sample,
    *,
    classes: Sequence[Any] = (),
    target: str = "prediction",
    training: Mapping[str, Any] | None = None,
    shapes: Mapping[str, Sequence[int]] | None = None,
) -> Model:
    """A fitted model of any known library as a model that can be packaged, registered and served.

    Its columns reach it as they are, as 32-bit floats, null as NaN. So it takes numbers, integers and booleans; for
    categories, dates and text fit an `Encoder` first, train on what it gives, and make the `Model` of both. A Python
    function (see `function`) takes columns of every type.

    PyTorch modules, ONNX graphs and Python functions may take arrays, too: images, signals, token ids. Then the sample
    holds arrays, which reach the model as they are, in the type that it takes; see `tensor`. Such a model may answer
    classes, numbers, or arrays, such as embeddings.

    Args:
        estimator: Fitted; see `flavors`. The object itself is not changed.
        sample: Some rows as callers will send them, typed. Where the model knows the names of its columns, others are
            ignored; otherwise its columns are taken in order. Types, ranges and which of them may be null are read
            from it. Or arrays with the rows in front: by column, or a single one for the only input.
        classes: Names of the classes in the order of the probabilities, where the model doesn't know them.
        target: Name of what is predicted.
        training: How the model came to be, as JSON values, for its record.
        shapes: Of arrays by column the shape of one row's value, -1 where any size is fine; under `prediction` that of
            an answer. What isn't said, the graph says, and else the sample.

    Raises:
        InvalidInputError: The model is of no known flavor or cannot be packaged, the sample lacks its columns or has
            others than numbers, or the number of classes is another.
        MissingExtraError: The model's library is not installed.

    Example:
        >>> from sklearn.linear_model import LinearRegression
        >>> rows = pl.DataFrame({"floors": [1, 2, 3], "days": [10.0, 21.0, 29.0]})
        >>> fitted = LinearRegression().fit(rows.select("floors").to_numpy(), rows["days"].to_numpy())
        >>> model = adopt(fitted, rows.select("floors"), target="days")
        >>> model.flavor, [column.name for column in model.signature.inputs]
        ('sklearn', ['floors'])
        >>> round(model.predict(pl.DataFrame({"floors": [4]}))["prediction"][0], 2)
        39.0
    """
    flavor = flavor_of(estimator)
    if not isinstance(sample, pl.DataFrame) or has_arrays(sample) or shapes:
        told = {"candidate": _name(estimator), **(training or {})}
        request = TensorRequest(classes=tuple(classes), target=target, training=told, shapes=shapes or {})
        return adopt_tensors(estimator, flavor, sample, request)
    if not sample.height:
        raise InvalidInputError("Expected a sample with at least one row, found none.")
    adopted = flavor.adopt(estimator, sample=sample)
    frame = _own_columns(sample, adopted.columns)
    labels = _labels(adopted.classes, tuple(classes))
    task = (Task.BINARY if len(labels) == 2 else Task.MULTICLASS) if labels else Task.REGRESSION
    signature = Signature.infer(frame, pl.Series(target, labels or [0.0], strict=False), task)
    foreign = [column.name for column in signature.inputs if column.type not in _NUMBERS]
    if foreign and not takes_frames(flavor):
        raise InvalidInputError(
            f"Expected a sample of numbers, integers and booleans, found others in: {', '.join(foreign[:10])}.",
            hint="Fit an Encoder on the raw rows, train on what it gives, and make a Model of both.",
        )
    if labels and signature.classes != labels:
        raise InvalidInputError(
            f"Expected classes in ascending order, found {labels!r}.",
            hint="Give names whose order is that of the model's probabilities, or none.",
        )
    model = Model(
        estimator=adopted.estimator,
        signature=signature,
        encoder=Encoder(columns=()) if takes_frames(flavor) else Encoder.passing(signature),
        flavor=flavor.name,
        training={"candidate": _name(estimator), **(training or {})},
        example=json_rows(frame.head(_EXAMPLE_ROWS), signature),
    )
    _try(model, frame, adopted.reference)
    return model


def _name(estimator: Any) -> str:
    """What its record calls it: its class, and of a Python function that of the user's."""
    named = estimator if isinstance(estimator, type) else getattr(estimator, "model", None)
    return named.__name__ if isinstance(named, type) else type(estimator).__name__


def _own_columns(sample: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
    # LightGBM writes spaces in names as underlines.
    known = {name.replace(" ", "_"): name for name in sample.columns}
    if not names or all(name.startswith("Column_") for name in names):
        return sample
    missing = [name for name in names if name.replace(" ", "_") not in known]
    if missing:
        raise InvalidInputError(
            f"Expected a sample with the model's columns, found none named {', '.join(missing[:10])}.",
            hint="Name the sample's columns as those that the model was fitted on.",
        )
    return sample.select([known[name.replace(" ", "_")] for name in names])


def _labels(found: tuple[Any, ...] | None, given: tuple[Any, ...]) -> tuple[Any, ...]:
    if found is None:
        return given
    if given and len(given) != len(found):
        raise InvalidInputError(
            f"Expected {len(found) or 'no'} classes, as many as the model tells apart, found {len(given)}."
        )
    return given or found


def _try(model: Model, frame: pl.DataFrame, reference: Callable[[Any], Any] | None) -> None:
    classes = len(model.signature.classes)
    rows = frame.gather_every(max(1, -(-frame.height // _COMPARED_ROWS)))
    try:
        values = model.compute_table(rows)
        shape = values.shape
    except ModelFailedError as error:  # its own code: it says where
        raise InvalidInputError(f"The model does not answer the sample: {error.message}") from error
    except Exception as error:  # whatever a library raises for a matrix that doesn't fit it
        raise InvalidInputError(
            f"The model does not answer the sample's {frame.width} columns: {error}",
            hint="Give the columns that it was fitted on, in the same order.",
        ) from error
    wanted = (rows.height, classes) if classes else (rows.height,)
    if shape != wanted:
        raise InvalidInputError(
            f"Expected answers of shape {wanted}, found {shape}.", hint="Name the classes: adopt(…, classes=…)."
        )
    if not np.isfinite(values).all():
        raise InvalidInputError("Expected finite numbers for every row of the sample, found NaN or infinities.")
    if classes and (values.min() < -_ROUNDING or np.abs(values.sum(axis=1) - 1).max() > _ROUNDING):
        raise InvalidInputError(
            f"Expected probabilities, found values from {values.min():.3g} to {values.max():.3g} which don't add up.",
            hint="End the model with a softmax, or a sigmoid for one of two classes.",
        )
    if reference is not None:
        _compare(model, model.encoder.encode(rows, model.signature), reference)


def _compare(model: Model, matrix: NDArray[np.float32], reference: Callable[[Any], Any]) -> None:
    """Refuses a form that answers otherwise than the object that it was made from, also beyond the sample."""
    edges = edge_matrix(model.signature, model.encoder)
    rows = np.vstack([matrix, edges])
    expected = np.asarray(reference(rows))
    found = model.compute(rows)
    if expected.size == len(rows):
        expected = expected.reshape(-1)
        expected = np.column_stack([1 - expected, expected]) if found.ndim == 2 else expected
    comparison = compare(
        expected, found, sample_rows=len(matrix), tolerance=TOLERANCE, edge_tolerance=EDGE_FACTOR * TOLERANCE
    )
    if comparison.reason:
        raise InvalidInputError(
            f"The model cannot be packaged, because its stored form answers otherwise: {comparison.reason}."
        )
