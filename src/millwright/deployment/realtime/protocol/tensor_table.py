"""Tensors of requests to tables: the way of requests of many rows, which makes no Python object of a binary number.

Whatever this does not take, `tensor.input_columns` takes, or tells what is wrong with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from millwright.core.errors import MalformedRequestError
from millwright.deployment.realtime.protocol.binary_tensor import decode, decode_array
from millwright.deployment.realtime.protocol.tensor import DATATYPES
from millwright.deployment.realtime.row_table import LEAST_ROWS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from millwright.deployment.realtime.protocol.tensor import Tensor
    from millwright.deployment.realtime.served_model import ServedModel

_TEXTS = list[str | None]


def tensor_table(tensors: Sequence[Tensor], raws: Mapping[int, bytes], served: ServedModel) -> pl.DataFrame | None:
    """The table of a request's tensors.

    Args:
        tensors: As for `tensor.input_columns`.
        raws: The bytes of those that came in binary, by place.
        served: Reads tables, or not.

    Returns:
        None where the tensors may not fit together or not fit the signature, and for few rows.
    """
    names = served.input_names
    if served.tables is None or not tensors or any(tensor.datatype not in DATATYPES for tensor in tensors):
        return None
    if not tensors[0].shape or tensors[0].shape[0] < LEAST_ROWS:
        return None
    columns: dict[str, Any] = {}
    if len(tensors) == 1 and len(names) > 1 and tensors[0].shape[1:] == [len(names)]:
        columns = _matrix(tensors[0], raws.get(0), names)
        return served.tables.from_columns(columns)
    for number, tensor in enumerate(tensors):
        values = _values(tensor, raws.get(number))
        if values is None or tensor.name in columns:
            return None
        columns[tensor.name] = values
    return served.tables.from_columns(columns)


def _matrix(tensor: Tensor, raw: bytes | None, names: Sequence[str]) -> dict[str, Any]:
    count, width = tensor.shape
    values = _given(tensor, raw)
    if values is None or tensor.datatype == "BYTES":
        return {}
    if isinstance(values, np.ndarray):
        return {name: values[:, number] for number, name in enumerate(names)}
    if len(values) != count * width:
        return {}
    return {name: values[number::width] for number, name in enumerate(names)}


def _values(tensor: Tensor, raw: bytes | None) -> Any:
    shape = tensor.shape
    if not (len(shape) == 1 or (len(shape) == 2 and shape[1] == 1)):
        return None
    values = _given(tensor, raw)
    if isinstance(values, np.ndarray):
        return values.reshape(-1)
    return None if values is None or len(values) != shape[0] else values


def _given(tensor: Tensor, raw: bytes | None) -> Any:
    """A list, an array of the tensor's shape, or None for what cannot be read."""
    try:
        if raw is not None:
            return decode(tensor, raw) if tensor.datatype == "BYTES" else decode_array(tensor, raw)
        return msgspec.convert(tensor.data, _TEXTS) if tensor.datatype == "BYTES" else tensor.data
    except (MalformedRequestError, msgspec.ValidationError):
        return None
