"""Arrays of any shape as vectors of one length.

A fixed shape is laid out in a row. A free dimension (the words of a text, the moments of a series) is averaged away,
as mean pooling does; where all dimensions are free, mean, standard deviation and the logarithm of the size stand for an
array.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from millwright.models.tensor.series import arrays_of, tensor_series
from millwright.models.tensor.value import read_tensor

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from millwright.evaluation.metrics.sample import Floats
    from millwright.models.column import SignatureColumn


def tensor_vectors(series: pl.Series, column: SignatureColumn) -> Floats:
    """The vectors of a column.

    Args:
        series: n values: lists or arrays, nested lists as JSON text, or anything else.
        column: Of type `TENSOR`.

    Returns:
        (k, d) of the k ≤ n values that are arrays of the column's shape, in their order, without those that hold NaN or
        infinities. An array that was logged by its digest (of more than 4,096 numbers) is none.
    """
    if series.dtype == pl.String:
        return _pooled([_read(text) for text in series.drop_nulls().to_list()], column)
    fitting = tensor_series(series, column)
    if fitting is None:
        return np.empty((0, 0))
    known = fitting.drop_nulls()
    if known.is_empty():
        return np.empty((0, 0))
    arrays = arrays_of(known)
    return _finite(arrays.reshape(len(arrays), -1)) if isinstance(arrays, np.ndarray) else _pooled(arrays, column)


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _pooled(values: Sequence[Any], column: SignatureColumn) -> Floats:
    read = [read_tensor(value, column) for value in values]
    vectors = [_vector(each, column.shape) for each in read if not isinstance(each, str)]
    return _finite(np.stack(vectors)) if vectors else np.empty((0, 0))


def _finite(matrix: NDArray[Any]) -> Floats:
    brought = matrix.astype(np.float64)
    return brought[np.isfinite(brought).all(axis=1)]


def _vector(value: Any, shape: tuple[int, ...]) -> Floats:
    array = np.asarray(value, dtype=np.float64)
    free = tuple(axis for axis, size in enumerate(shape) if size == -1)
    if len(free) == len(shape):
        return np.array([array.mean(), array.std(), np.log(array.size)])
    return array.mean(axis=free).reshape(-1) if free else array.reshape(-1)
