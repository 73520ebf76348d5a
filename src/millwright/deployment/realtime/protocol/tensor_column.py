"""Columns of arrays in requests and answers: tensors with rows in front, and lists that stand for a whole row."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.core.errors import InvalidInputError
from millwright.deployment.realtime.protocol.tensor import DATATYPES, datatype_of, refused
from millwright.models.tensor.value import depth, shown_shape

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from millwright.deployment.realtime.protocol.tensor import Tensor
    from millwright.models.signature import SignatureColumn

TAKERS = (
    "Send tensors by the Open Inference Protocol (JSON, binary or gRPC), or as nested lists: in 'instances' (KServe, "
    "Vertex AI, MLflow, SageMaker), MLflow's 'inputs', Azure's 'data', or rows to POST /predict."
)


def refuse_table(tensors: Mapping[str, SignatureColumn], form: str) -> None:
    """Refuse a form of tables for a model that takes arrays.

    Args:
        tensors: The model's columns of arrays; nothing is refused where there are none.
        form: What was sent.

    Raises:
        InvalidInputError: There are some.
    """
    for name, column in tensors.items():
        raise InvalidInputError(
            f"Expected tensors of shape {shown_shape(column.shape)} in column '{name}', found {form}, which has no "
            "form for them.",
            hint=TAKERS,
            details={"column": name, "shape": list(column.shape)},
        )


def row_arrays(tensor: Tensor) -> list[NDArray[Any]]:
    """The rows of a request's tensor, for the signature's check; its data flat or nested, or decoded already.

    Raises:
        MalformedRequestError: Its shape, datatype and data do not fit together.
    """
    shape, data = tensor.shape, tensor.data
    check_head(tensor)
    if data is None:
        raise refused(tensor, "to hold its 'data' as JSON", "none")
    try:
        array = np.asarray(data)
    except ValueError:
        raise refused(tensor, "to hold lists of equal lengths", "others") from None
    if array.dtype.kind not in "fiub" and array.size:
        raise refused(tensor, "to hold numbers", "other values")
    if array.size != prod(shape):
        raise refused(tensor, f"to hold {prod(shape)} values, as its shape says", f"{array.size}")
    return list(array.reshape(shape))


def array_readers(tensors: Mapping[str, SignatureColumn]) -> Mapping[str, Callable[[Tensor], list[Any]]]:
    """For `tensor.input_columns`: what gives the rows of a signature's columns of arrays."""
    return dict.fromkeys(tensors, row_arrays)


def check_head(tensor: Tensor) -> None:
    """Refuse a tensor whose datatype holds no numbers, or whose shape is none.

    Raises:
        MalformedRequestError: It is so.
    """
    if tensor.datatype not in DATATYPES or tensor.datatype == "BYTES":
        raise refused(tensor, "to have a datatype of numbers", f"'{tensor.datatype[:40]}'")
    # An empty dimension behind the first would give any number of rows for no data at all.
    if not tensor.shape or tensor.shape[0] < 0 or any(size < 1 for size in tensor.shape[1:]):
        raise refused(tensor, "to have a shape of positive dimensions, the rows in front", f"{tensor.shape[:8]}")


def answered_tensor(column: SignatureColumn, values: Sequence[Any]) -> tuple[list[int], list[Any]]:
    """The shape and the numbers, in row-major order, of an output column of arrays.

    Raises:
        InvalidInputError: The arrays are of different shapes.
    """
    try:
        array = np.asarray(values, dtype=column.dtype)
    except ValueError:
        raise InvalidInputError(
            f"Expected rows with answers of one shape in '{column.name}', found several shapes in one request.",
            hint="Send rows whose tensors have the same shape, or ask by a contract of rows, such as POST /predict.",
        ) from None
    flat: list[Any] = array.reshape(-1).tolist()
    return list(array.shape), flat


def output_tensor(column: SignatureColumn, values: list[Any]) -> dict[str, Any]:
    """The tensor of an output column's n values: of shape [n], or [n, …] where they are arrays.

    Raises:
        InvalidInputError: The arrays are of different shapes.
    """
    shape, data = answered_tensor(column, values) if column.shape else ([len(values)], values)
    return {"name": column.name, "datatype": datatype_of(column), "shape": shape, "data": data}


def lone_row(values: list[Any], column: SignatureColumn) -> Any:
    """The only column's value of a row that came as a list: the array itself, or a list that holds it."""
    is_held = len(values) == 1 and depth(values) == len(column.shape) + 1
    return values[0] if is_held else values


def tensor_metadata(column: SignatureColumn) -> dict[str, Any]:
    """A column as the protocol's metadata tell it, with what the signature knows beside."""
    told = {"column_type": str(column.type), "required": column.required, "nullable": column.nullable}
    if column.default is not None and not column.shape:
        told["default"] = column.default
    return {
        "name": column.name,
        "datatype": datatype_of(column),
        "shape": [-1, *column.shape],
        "parameters": told,
    }
