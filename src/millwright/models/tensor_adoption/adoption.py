"""Models over arrays that were fitted elsewhere, as models here: their signature from an example input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from millwright.core.errors import InvalidInputError, ModelFailedError, closest
from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.encoder import Encoder
from millwright.models.example import json_rows
from millwright.models.feed import feeds_of_frame
from millwright.models.flavors.flavor import AdoptedTensors, Flavor, takes_frames, takes_tensors
from millwright.models.model import Model
from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.models.tensor.sample import Sample, sample_frame
from millwright.models.tensor.series import is_tensor
from millwright.models.tensor.value import fits_shape, shown_shape
from millwright.models.tensor_adoption.comparing import compare_forms

if TYPE_CHECKING:
    from numpy.typing import NDArray

_EXAMPLE_ROWS = 5
_EXAMPLE_NUMBERS = 50_000
_TRIED_ROWS = 64
_ROUNDING = 1e-3  # of probabilities in single precision
ANSWER = "prediction"


@dataclass(frozen=True, kw_only=True, slots=True)
class TensorRequest:
    """What is said of a model over arrays that is brought.

    Attributes:
        classes: Names of the classes in the order of the probabilities; none when it answers numbers.
        target: Name of what is predicted.
        training: How it came to be, for its record.
        shapes: By column the shape of one row's value with -1 where any size is fine, where the sample's alone is not
            meant; under `prediction` that of an answer.
    """

    classes: tuple[Any, ...] = ()
    target: str = ANSWER
    training: Mapping[str, Any] = field(default_factory=dict)
    shapes: Mapping[str, Sequence[int]] = field(default_factory=dict)


def adopt_tensors(estimator: Any, flavor: Flavor, sample: Sample, request: TensorRequest) -> Model:
    """A fitted model whose input holds arrays as a model that can be packaged, registered and served.

    Args:
        estimator: Of the flavor.
        flavor: One that takes arrays (PyTorch, ONNX), or typed columns (a Python function).
        sample: At least one row: an array or arrays by column with the rows in front, or a table.
        request: What else is said of it.

    Raises:
        InvalidInputError: The model takes no arrays, or others than the sample's; or it does not answer as it should.
    """
    if not (takes_tensors(flavor) or takes_frames(flavor)):
        raise InvalidInputError(
            f"Expected columns of numbers for a model of flavor '{flavor.name}', found arrays in the sample.",
            hint="Models over arrays are PyTorch modules, ONNX graphs and Python functions.",
        )
    adopted = _adopted(estimator, flavor, sample, request)
    frame = _own(sample_frame(sample, tuple(adopted.inputs)), adopted)
    labels = _labels(adopted.classes, request.classes)
    signature = _signature(frame, adopted, labels, request)
    draft = Model(
        estimator=adopted.estimator,
        signature=signature,
        encoder=Encoder(columns=()),
        flavor=flavor.name,
        training=dict(request.training),
    )
    rows = frame.head(_TRIED_ROWS)
    values = _tried(draft, rows)
    model = replace(draft, signature=_with_answer(signature, values, adopted.answer, request))
    _judge(model, values, rows.height)
    if adopted.reference is not None:
        compare_forms(model, next(feeds_of_frame(rows, model.signature)), adopted.reference)
    return replace(model, example=json_rows(frame.head(_kept(frame)), model.signature))


def _adopted(estimator: Any, flavor: Flavor, sample: Sample, request: TensorRequest) -> AdoptedTensors:
    if takes_tensors(flavor):
        adopted: AdoptedTensors = flavor.adopt_tensors(estimator, sample=sample, shapes=request.shapes)
        return adopted
    found = flavor.adopt(estimator, sample=sample_frame(sample))
    return AdoptedTensors(estimator=found.estimator, classes=found.classes)


def _own(frame: pl.DataFrame, adopted: AdoptedTensors) -> pl.DataFrame:
    missing = [name for name in adopted.inputs if name not in frame.columns]
    if missing:
        raise InvalidInputError(
            f"Expected arrays for the model's inputs {', '.join(adopted.inputs)}, found none for '{missing[0]}'.",
            hint=closest(missing[0], frame.columns),
        )
    nulls = [series.name for series in frame.get_columns() if is_tensor(series.dtype) and series.null_count()]
    if nulls:
        raise InvalidInputError(f"Expected arrays without nulls in the sample, found some in '{nulls[0]}'.")
    return frame.select(list(adopted.inputs)) if adopted.inputs else frame


def _labels(found: tuple[Any, ...] | None, given: tuple[Any, ...]) -> tuple[Any, ...]:
    if found and given and len(given) != len(found):
        raise InvalidInputError(f"Expected {len(found)} classes, as many as the model tells apart, found {len(given)}.")
    return given or found or ()


def _signature(
    frame: pl.DataFrame, adopted: AdoptedTensors, labels: tuple[Any, ...], request: TensorRequest
) -> Signature:
    task = (Task.BINARY if len(labels) == 2 else Task.MULTICLASS) if labels else Task.REGRESSION
    plain = [series for series in frame.get_columns() if not is_tensor(series.dtype)]
    goal = pl.Series(request.target, labels or [0.0], strict=False)
    found = Signature.infer(pl.DataFrame(plain), goal, task)
    if labels and found.classes != labels:
        raise InvalidInputError(
            f"Expected classes in ascending order, found {labels!r}.",
            hint="Give names whose order is that of the model's probabilities, or none.",
        )
    known = {column.name: column for column in found.inputs}
    foreign = [column.name for column in found.inputs if column.type.value not in ("number", "integer", "boolean")]
    if foreign and adopted.inputs:
        raise InvalidInputError(
            f"Expected arrays, numbers and booleans in the sample, found others in: {', '.join(foreign[:10])}."
        )
    unknown = [name for name in request.shapes if name not in (*frame.columns, ANSWER)]
    if unknown:
        raise InvalidInputError(
            f"Expected shapes of the model's columns, found one of '{unknown[0]}'.",
            hint=closest(unknown[0], frame.columns),
        )
    inputs = tuple(
        known.get(series.name) or _tensor_column(series, adopted.inputs.get(series.name), request.shapes)
        for series in frame.get_columns()
    )
    return replace(found, inputs=inputs)


def _tensor_column(
    series: pl.Series, port: tuple[str, tuple[int, ...]] | None, shapes: Mapping[str, Sequence[int]]
) -> SignatureColumn:
    value = np.asarray(series[0].to_list() if isinstance(series[0], pl.Series) else series[0])
    array = series.slice(0, 1).to_numpy()[0] if isinstance(series.dtype, pl.Array) else value
    dtype, shape = port if port is not None else (array.dtype.name, tuple(array.shape))
    said = tuple(shapes.get(series.name, shape))
    if not fits_shape(array.shape, said) or (port is not None and not _narrows(said, shape)):
        raise InvalidInputError(
            f"Expected arrays of shape {shown_shape(said if _narrows(said, shape) else shape)} in '{series.name}', "
            f"found {shown_shape(array.shape)}.",
            hint="Dimensions behind the first, which are the rows, have to be those that the model takes.",
        )
    return SignatureColumn(name=series.name, type=ColumnType.TENSOR, dtype=dtype, shape=said)


def _narrows(said: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    """Whether every array of one shape is one of the other."""
    return len(said) == len(shape) and all(size in (-1, mine) for mine, size in zip(said, shape, strict=True))


def _with_answer(
    signature: Signature, values: NDArray[Any], told: tuple[int, ...] | None, request: TensorRequest
) -> Signature:
    """The signature with what the model answers, where that are arrays."""
    found = tuple(values.shape[1:])
    said = tuple(request.shapes.get(ANSWER, told if told is not None and len(told) == len(found) else found))
    if signature.classes or (found in ((), (1,)) and ANSWER not in request.shapes):
        return signature
    if values.dtype == object or not fits_shape(found, said):
        raise InvalidInputError(
            f"Expected answers of shape {shown_shape(said)} for each row, found "
            f"{'others in each' if values.dtype == object else shown_shape(found)}."
        )
    column = SignatureColumn(name=ANSWER, type=ColumnType.TENSOR, dtype=values.dtype.name, shape=said)
    return replace(signature, task=Task.TENSOR, outputs=(column,))


def _tried(model: Model, rows: pl.DataFrame) -> NDArray[Any]:
    try:
        return model.compute_arrays(rows)
    except ModelFailedError as error:  # its own code: it says where
        raise InvalidInputError(f"The model does not answer the sample: {error.message}") from error
    except InvalidInputError:
        raise
    except Exception as error:  # whatever a library raises for arrays that don't fit it
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
        raise InvalidInputError(
            f"The model does not answer the sample: {reason}",
            hint="Give arrays of the shapes and types that it takes, with the rows in front.",
        ) from error


def _judge(model: Model, values: NDArray[Any], rows: int) -> None:
    classes = len(model.signature.classes)
    if len(values) != rows:
        raise InvalidInputError(f"Expected an answer for each of {rows} rows, found answers of shape {values.shape}.")
    if not np.isfinite(values).all():
        raise InvalidInputError("Expected finite numbers for every row of the sample, found NaN or infinities.")
    if not classes:
        return
    shares = model.shaped(values, rows)
    if shares.shape != (rows, classes):
        raise InvalidInputError(
            f"Expected answers of shape {(rows, classes)}, found {values.shape}.",
            hint="Name as many classes as the model answers probabilities: adopt(…, classes=…).",
        )
    if shares.min() < -_ROUNDING or np.abs(shares.sum(axis=1) - 1).max() > _ROUNDING:
        raise InvalidInputError(
            f"Expected probabilities, found values from {shares.min():.3g} to {shares.max():.3g} which don't add up.",
            hint="End the model with a softmax, or a sigmoid for one of two classes.",
        )


def _kept(frame: pl.DataFrame) -> int:
    """How many rows are kept as examples: few where arrays are large."""
    numbers = sum(_size(series) for series in frame.get_columns() if is_tensor(series.dtype))
    return max(1, min(_EXAMPLE_ROWS, _EXAMPLE_NUMBERS // max(numbers, 1)))


def _size(series: pl.Series) -> int:
    return (
        int(np.prod(series.dtype.shape)) if isinstance(series.dtype, pl.Array) else np.asarray(series.to_list()[0]).size
    )
