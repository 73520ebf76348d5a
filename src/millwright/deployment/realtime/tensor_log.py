"""Rows and answers with arrays in them as the prediction log keeps them."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

# About 30 KB as text. A log of images would outgrow whatever is learned from it; their digest finds them elsewhere.
MAX_NUMBERS = 4_096


def logged_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row or answer as JSON values.

    Args:
        row: Values by column, arrays and nested lists among them.

    Returns:
        Arrays of up to 4,096 numbers as nested lists; larger ones as `{"shape", "dtype", "sha256"}`, the digest being
        that of their bytes in row-major, little-endian order. Other values as they are.
    """
    return {name: _kept(value) if isinstance(value, (np.ndarray, list)) else value for name, value in row.items()}


def _kept(value: Any) -> Any:
    array = np.asarray(value)
    if array.size <= MAX_NUMBERS:
        return array.tolist() if isinstance(value, np.ndarray) else value
    little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False)
    return {"shape": list(array.shape), "dtype": array.dtype.name, "sha256": sha256(little.tobytes()).hexdigest()}
