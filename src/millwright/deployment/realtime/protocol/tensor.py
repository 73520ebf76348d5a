"""Tensors of the Open Inference Protocol, to columns and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

from millwright.core.errors import MalformedRequestError, closest
from millwright.models.check import describe
from millwright.models.column import ColumnType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from millwright.models.signature import SignatureColumn

PREDICTION_ID = "prediction_id"

DATATYPES = (
    "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64", "BYTES",
)  # fmt: skip

_DATATYPE: Mapping[ColumnType, str] = {
    ColumnType.NUMBER: "FP64",
    ColumnType.INTEGER: "INT64",
    ColumnType.BOOLEAN: "BOOL",
    ColumnType.CATEGORY: "BYTES",
    ColumnType.DATE: "BYTES",
    ColumnType.TEXT: "BYTES",
}
# Types that a signature names as NumPy does.
_BY_DTYPE: Mapping[str, str] = {
    "float16": "FP16", "float32": "FP32", "float64": "FP64", "bool": "BOOL",
    **{f"{kind}{bits}": f"{kind.upper()}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)},
}  # fmt: skip
_NO_READERS: Mapping[str, Callable[[Tensor], list[Any]]] = {}


class Tensor(Protocol):
    """What is read of a request's tensor."""

    name: str
    shape: list[int]
    datatype: str
    data: Any  # a list; an array, where a column's values are such; or None


def datatype_of(column: SignatureColumn) -> str:
    """The datatype that a column is described and answered with."""
    return _BY_DTYPE.get(column.dtype) or _DATATYPE[column.type]


def input_columns(
    tensors: Sequence[Tensor],
    names: Sequence[str],
    rows_of: Mapping[str, Callable[[Tensor], list[Any]]] = _NO_READERS,
) -> tuple[dict[str, list[Any]], int]:
    """Columns from tensors.

    Args:
        tensors: Each of shape [n] or [n, 1], all with the same n; the data flat or nested. Or a single one of shape
            [n, k] for the k > 1 columns of the signature, in its order; its name is free.
        names: The signature's columns.
        rows_of: Of columns of arrays what gives their rows: such tensors are of shape [n, …].

    Returns:
        n values per column, by name, and n.

    Raises:
        MalformedRequestError: No tensors, one twice, or one whose shape, datatype and data do not fit together.
    """
    if not tensors:
        raise MalformedRequestError("Expected one tensor per column in 'inputs', found none.")
    if len(tensors) == 1 and len(names) > 1 and not rows_of and tensors[0].shape[1:] == [len(names)]:
        return _matrix(tensors[0], names)
    columns: dict[str, list[Any]] = {}
    count = -1
    for tensor in tensors:
        if tensor.name in columns:
            raise refused(tensor, "to be there once", "it twice")
        values = rows_of.get(tensor.name, _values)(tensor)
        if count >= 0 and len(values) != count:
            raise refused(tensor, f"to have {count} values, as '{tensors[0].name}' has", f"{len(values)}")
        count = len(values)
        columns[tensor.name] = values
    return columns, count


def _matrix(tensor: Tensor, names: Sequence[str]) -> tuple[dict[str, list[Any]], int]:
    (count, width), values = tensor.shape, tensor.data
    if tensor.datatype not in DATATYPES:
        raise _unknown_datatype(tensor)
    if values is None:
        raise _without_data(tensor)
    if any(type(row) is list for row in values):
        if any(type(row) is not list or len(row) != width for row in values):
            raise refused(tensor, f"to hold {width} values in each row", "another number in one")
        values = [value for row in values for value in row]
    if count < 0 or len(values) != count * width:
        raise refused(tensor, f"to hold {count * width} values, as its shape says", f"{len(values)}")
    if tensor.datatype == "BYTES":
        _check_bytes(tensor, values)
    return {name: values[number::width] for number, name in enumerate(names)}, count


def _values(tensor: Tensor) -> list[Any]:
    shape, values = tensor.shape, cast("list[Any] | None", tensor.data)
    if tensor.datatype not in DATATYPES:
        raise _unknown_datatype(tensor)
    if not (len(shape) == 1 or (len(shape) == 2 and shape[1] == 1)) or shape[0] < 0:
        raise refused(tensor, "to be of shape [n] or [n, 1]", f"{shape[:8]}", "Send one tensor per column.")
    if values is None:
        raise _without_data(tensor)
    if len(shape) == 2 and any(type(value) is list for value in values):
        values = [value[0] if type(value) is list and len(value) == 1 else value for value in values]
    if len(values) != shape[0]:
        raise refused(tensor, f"to hold {shape[0]} values, as its shape says", f"{len(values)}")
    if tensor.datatype == "BYTES":
        _check_bytes(tensor, values)
    return values


def _unknown_datatype(tensor: Tensor) -> MalformedRequestError:
    found = tensor.datatype
    return refused(tensor, "to have a datatype of the protocol", f"'{found[:40]}'", closest(found, DATATYPES))


def _without_data(tensor: Tensor) -> MalformedRequestError:
    return refused(tensor, "to hold its 'data' as JSON", "none")


def _check_bytes(tensor: Tensor, values: list[Any]) -> None:
    for value in values:
        if value is not None and type(value) is not str:
            raise refused(tensor, "of datatype BYTES to hold text", describe(value))


def refused(tensor: Tensor, expected: str, found: str, hint: str = "") -> MalformedRequestError:
    """What is told about a tensor."""
    name = tensor.name[:100]
    return MalformedRequestError(
        f"Expected the tensor '{name}' {expected}, found {found}.",
        hint=hint,
        details={"tensor": name, "expected": expected, "found": found},
    )
