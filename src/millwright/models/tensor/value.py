"""Values of tensor columns: nested lists or arrays, as arrays of the column's shape and type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from millwright.models.column import SignatureColumn

# What an element may be: NumPy's names. Text has no place in an array of numbers.
DTYPES = (
    "float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool",
)  # fmt: skip
_SHOWN_DIMENSIONS = 8
_MOST_DIMENSIONS = 32


def tensor_expectation(column: SignatureColumn) -> str:
    """What a tensor column takes, in words: `a tensor of shape [3, 32, 32] of finite float32`."""
    kind = f"finite {column.dtype}" if column.dtype.startswith("float") else column.dtype
    return f"a tensor of shape {shown_shape(column.shape)} of {kind}"


def shown_shape(shape: tuple[int, ...]) -> str:
    """A shape as people write it, such as `[3, 32, 32]`; -1 where any is fine."""
    shown = ", ".join(str(each) for each in shape[:_SHOWN_DIMENSIONS])
    return f"[{shown}, …]" if len(shape) > _SHOWN_DIMENSIONS else f"[{shown}]"


def fits_shape(shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """Whether an array's dimensions are those of a column; no dimension is ever empty."""
    return len(shape) == len(wanted) and all(
        found == size or (size == -1 and found > 0) for found, size in zip(shape, wanted, strict=True)
    )


def read_tensor(value: object, column: SignatureColumn, *, allows_nan: bool = False) -> NDArray[Any] | str:
    """A value as an array of a column's shape and type.

    Whole floats stand for integers, as JSON clients write them. A float beyond the column's type is refused rather than
    made infinite, and so is an integer beyond it. True and false among numbers count as 1 and 0.

    Args:
        value: Nested lists, or an array.
        column: Of type `TENSOR`.
        allows_nan: Whether elements may be NaN; infinities never are fine.

    Returns:
        The array; or what was found instead, in words.
    """
    if not isinstance(value, (np.ndarray, list, tuple)):
        return "no list"
    try:
        found = np.asarray(value)
    except ValueError:
        return "lists of different lengths"
    if found.dtype.kind not in "fiub":
        return _foreign(found)
    if not fits_shape(found.shape, column.shape):
        return f"a tensor of shape {shown_shape(found.shape)}"
    return _brought(found, np.dtype(column.dtype), allows_nan=allows_nan)


def _foreign(found: NDArray[Any]) -> str:
    if found.dtype.kind in "US":
        return "text among its elements"
    if found.dtype.kind == "O":
        elements = found.reshape(-1).tolist()
        if any(each is None for each in elements):
            return "null among its elements"
        if all(isinstance(each, int) for each in elements):
            return "integers of more than 64 bits"
    return "something else than numbers among its elements"


def _brought(found: NDArray[Any], dtype: np.dtype[Any], *, allows_nan: bool) -> NDArray[Any] | str:
    if dtype.kind == "b":
        return found if found.dtype.kind == "b" else "numbers, not true and false"
    may_be_nan = allows_nan and dtype.kind == "f"
    if found.dtype.kind == "f" and not may_be_nan and np.isnan(found).any():
        return "NaN among its elements"
    if dtype.kind == "f":
        if np.isinf(found).any():
            return "infinities among its elements"
        with np.errstate(over="ignore"):
            brought = found.astype(dtype, copy=False)
        return f"numbers beyond {dtype.name}" if np.isinf(brought).any() else brought
    if found.dtype.kind == "f" and not (found == np.floor(found)).all():
        return "numbers that are not whole"
    limits = np.iinfo(dtype)
    if found.dtype != dtype and found.size and not (limits.min <= found.min() and found.max() <= limits.max):
        return f"integers beyond {dtype.name}"
    return found.astype(dtype, copy=False)


def depth(value: object) -> int:
    """How deeply lists are nested at their first elements: 0 for no list."""
    found = 0
    while isinstance(value, list) and found <= _MOST_DIMENSIONS:
        found += 1
        value = value[0] if value else None
    return found
