"""Binary tensors of the Open Inference Protocol: numbers in little-endian order, text with its length before it.

"Tensor data represented as binary data is organized in little-endian byte order, row major, without stride or padding
between elements"; BOOL is a byte of 0 or 1; "for BYTES type an element is represented by a 4-byte unsigned integer
giving the length followed by the actual bytes". The data of all such tensors follows the JSON, in their order:
`binary_data_size` among a tensor's parameters tells how much is its own, the header `Inference-Header-Content-Length`
where the JSON ends.

There is no null: NaN stands for it in tensors of floats.

Source: https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md.
"""

from __future__ import annotations

from math import isfinite, isinf, isnan
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from millwright.core.errors import MalformedRequestError
from millwright.deployment.realtime.protocol.tensor import DATATYPES, Tensor, refused
from millwright.deployment.realtime.protocol.tensor_column import check_head
from millwright.models.check import describe

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

_DTYPES: Mapping[str, str] = {
    "UINT8": "u1", "UINT16": "<u2", "UINT32": "<u4", "UINT64": "<u8", "INT8": "i1", "INT16": "<i2", "INT32": "<i4",
    "INT64": "<i8", "FP16": "<f2", "FP32": "<f4", "FP64": "<f8", "BOOL": "u1",
}  # fmt: skip
FLOATS = frozenset({"FP16", "FP32", "FP64"})
_LONGEST_LENGTH = 12  # digits


class SizedTensor(Tensor, Protocol):
    """A tensor whose data may come after the JSON."""

    parameters: dict[str, Any] | None


def split_body(body: bytes, length: bytes) -> tuple[bytes, bytes]:
    """The JSON and what follows it.

    Args:
        body: The whole body.
        length: The header `Inference-Header-Content-Length`.

    Raises:
        MalformedRequestError: It is no number of bytes, or the body is shorter.
    """
    if not length.isdigit() or len(length) > _LONGEST_LENGTH:
        raise MalformedRequestError(
            f"Expected Inference-Header-Content-Length to be a number of bytes, found {length[:40]!r}."
        )
    end = int(length)
    if end > len(body):
        raise MalformedRequestError(
            f"Expected a body of at least {end} bytes, as Inference-Header-Content-Length says, found {len(body)}."
        )
    return body[:end], body[end:]


def split_tail(tensors: Sequence[SizedTensor], tail: bytes | None) -> dict[int, bytes]:
    """The bytes of each tensor that announces binary data, by its place.

    Args:
        tensors: In the order of the request.
        tail: What follows the JSON; None when the request did not say where the JSON ends.

    Raises:
        MalformedRequestError: The sizes do not fit the data.
    """
    found: dict[int, bytes] = {}
    offset = 0
    for number, tensor in enumerate(tensors):
        if tensor.parameters is None:
            continue
        size = tensor.parameters.get("binary_data_size")
        if size is None:
            continue
        if tail is None:
            raise refused(tensor, "to come with the header Inference-Header-Content-Length", "none")
        if type(size) is not int or size < 0:
            raise refused(tensor, "to have a number of bytes as 'binary_data_size'", describe(size))
        if tensor.data is not None:
            raise refused(tensor, "to hold either 'data' or 'binary_data_size'", "both")
        raw = tail[offset : offset + size]
        if len(raw) != size:
            raise refused(tensor, f"to be followed by {size} bytes of data", f"{len(raw)}")
        found[number] = raw
        offset += size
    if tail is not None and offset != len(tail):
        raise MalformedRequestError(
            f"Expected {offset} bytes after the JSON, as 'binary_data_size' of the tensors says, found {len(tail)}.",
            details={"expected": offset, "found": len(tail)},
        )
    return found


def take_binary(tensors: Sequence[SizedTensor], raws: Mapping[int, bytes], arrays: Container[str] = ()) -> None:
    """Give each tensor that came in binary its values.

    Args:
        tensors: In the order of the request.
        raws: Their bytes, as `split_tail` gives them.
        arrays: The names of those that stay arrays.

    Raises:
        MalformedRequestError: The bytes do not fit a shape or a datatype.
    """
    for number, raw in raws.items():
        tensor = tensors[number]
        tensor.data = decode_array(tensor, raw) if tensor.name in arrays else decode(tensor, raw)


def decode(tensor: Tensor, raw: bytes) -> list[Any]:
    """The values of a tensor from its bytes, in row-major order.

    Raises:
        MalformedRequestError: The datatype is none of the protocol's, the bytes are too few or too many, text is not
            UTF-8, or a number is infinite.
    """
    if tensor.datatype not in DATATYPES or len(tensor.shape) not in (1, 2):
        return []  # for `input_columns` to refuse
    if tensor.datatype == "BYTES":
        return list(_texts(tensor, raw))
    found: list[Any] = _numbers(tensor, raw).tolist()
    return with_nulls(tensor, found) if tensor.datatype in FLOATS else found


def decode_array(tensor: Tensor, raw: bytes) -> NDArray[Any]:
    """The values of a tensor from its bytes, as an array of its shape.

    Raises:
        MalformedRequestError: The datatype is none of numbers, the shape is none, or the bytes are too few or too many.
    """
    check_head(tensor)
    return _numbers(tensor, raw).reshape(tensor.shape)


def _numbers(tensor: Tensor, raw: bytes) -> NDArray[Any]:
    dtype = np.dtype(_DTYPES[tensor.datatype])
    expected = dtype.itemsize
    for size in tensor.shape:
        expected *= size
    if len(raw) != expected:
        raise refused(tensor, f"to hold {expected} bytes, as its shape and datatype say", f"{len(raw)}")
    values: NDArray[Any] = np.frombuffer(raw, dtype)
    return values != 0 if tensor.datatype == "BOOL" else values


def with_nulls(tensor: Tensor, values: list[Any]) -> list[Any]:
    """Floats of a tensor with None in place of NaN.

    Raises:
        MalformedRequestError: One of them is infinite.
    """
    # A sum is finite only when all its parts are; of those that are too large for one, each is looked at.
    if isfinite(sum(values)):
        return values
    for number, value in enumerate(values):
        if isinf(value):
            raise refused(tensor, "to hold finite numbers", f"{value} in element {number}", "NaN stands for null.")
    return [None if isnan(value) else value for value in values]


def encode(datatype: str, values: Sequence[Any]) -> bytes | None:
    """The bytes of a tensor; None when they have no form for its nulls."""
    if datatype == "BYTES":
        return None if None in values else b"".join(_prefixed(values))
    if datatype not in FLOATS and None in values:
        return None
    return np.asarray(values, _DTYPES[datatype]).tobytes()


def _prefixed(values: Sequence[str]) -> Iterable[bytes]:
    for value in values:
        text = value.encode()
        yield len(text).to_bytes(4, "little")
        yield text


def _texts(tensor: Tensor, raw: bytes) -> Iterable[str]:
    offset, number = 0, 0
    while offset < len(raw):
        start = offset + 4
        offset = start + int.from_bytes(raw[offset:start], "little")
        if offset > len(raw):
            raise refused(tensor, f"to hold {offset} bytes, as the length of element {number} says", f"{len(raw)}")
        try:
            yield raw[start:offset].decode()
        except UnicodeDecodeError:
            raise no_text(tensor, number) from None
        number += 1


def no_text(tensor: Tensor, number: int) -> MalformedRequestError:
    """An element of a tensor of BYTES is not text."""
    return refused(tensor, "to hold text in UTF-8", f"other bytes in element {number}")
