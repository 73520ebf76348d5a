"""Arrays that a sample rarely holds, for telling whether two forms of a model answer alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.feed import Feed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from millwright.models.signature import Signature

_RANGES = 3.0
_OTHER_SIZES = (1, 2, 7)  # of free dimensions, beside the sample's
_RANDOM_ROWS = 8


def edge_feeds(sample: Feed, signature: Signature, *, seed: int = 0) -> Iterator[Feed]:
    """Arrays at the edges of a sample.

    They are of one number (zero, the smallest, the largest), mixtures of the sample's elements, numbers beyond its
    range, and of other sizes where dimensions are free. Integers stay within the sample's range: they may be places in
    a table, such as token ids.

    Args:
        sample: At least one row.
        signature: Of the model.
        seed: Of the mixtures.
    """
    random = np.random.default_rng(seed)
    columns = {column.name: column for column in signature.inputs}
    for kind in ("zero", "low", "high", "mixed", "wide"):
        rows = _RANDOM_ROWS if kind in ("mixed", "wide") else 1
        arrays = {name: _made(array, array.shape[1:], kind, rows, random) for name, array in sample.arrays.items()}
        yield Feed(range(rows), arrays)
    if any(-1 in column.shape for column in columns.values()):
        for size in _OTHER_SIZES:
            arrays = {
                name: _made(array, _resized(array.shape[1:], columns[name], size), "mixed", 2, random)
                for name, array in sample.arrays.items()
            }
            yield Feed(range(2), arrays)


def _resized(shape: tuple[int, ...], column: SignatureColumn, size: int) -> tuple[int, ...]:
    if column.type is not ColumnType.TENSOR:
        return shape
    return tuple(size if free == -1 else found for found, free in zip(shape, column.shape, strict=True))


def _made(
    array: NDArray[Any], shape: tuple[int, ...], kind: str, rows: int, random: np.random.Generator
) -> NDArray[Any]:
    wanted = (rows, *shape)
    seen = array.reshape(-1)
    if kind == "mixed" or (kind == "wide" and array.dtype.kind != "f"):
        return random.choice(seen, wanted)
    low, high = seen.min(), seen.max()
    if kind == "wide":
        margin = _RANGES * ((float(high) - float(low)) or max(abs(float(low)), 1.0))
        return random.uniform(float(low) - margin, float(high) + margin, wanted).astype(array.dtype)
    value = {"zero": array.dtype.type(0) if low <= 0 <= high or array.dtype.kind == "f" else low, "low": low}
    return np.full(wanted, value.get(kind, high), array.dtype)
