"""Example inputs: arrays with the rows in front, as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.models.tensor.series import is_tensor
from millwright.models.tensor.value import DTYPES, shown_shape

Sample: TypeAlias = "pl.DataFrame | np.ndarray[Any, Any] | Mapping[str, Any]"


def has_arrays(sample: Any) -> bool:
    """Whether a sample holds arrays: NumPy's, or a table's columns of lists or arrays."""
    return not isinstance(sample, pl.DataFrame) or any(is_tensor(dtype) for dtype in sample.dtypes)


def sample_frame(sample: Sample, names: Sequence[str] = ()) -> pl.DataFrame:
    """A sample as a table.

    Args:
        sample: One array with the rows in front; arrays by column; or a table already.
        names: The model's columns: the only one is that of a single array.

    Raises:
        InvalidInputError: An array has no rows, other rows than the first, or other elements than numbers.
    """
    if isinstance(sample, pl.DataFrame):
        return sample
    given = sample if isinstance(sample, Mapping) else {(names[0] if len(names) == 1 else "input"): sample}
    columns: list[pl.Series] = []
    for name, values in given.items():
        array = np.asarray(values)
        if array.dtype.name not in DTYPES or not array.ndim or not array.size:
            raise InvalidInputError(
                f"Expected '{name}' as an array of numbers with at least one row, found {array.dtype.name} of shape "
                f"{shown_shape(array.shape)}.",
                hint="The first dimension of an example input are its rows: (n, 3, 32, 32) for images.",
            )
        if columns and len(array) != len(columns[0]):
            raise InvalidInputError(f"Expected {len(columns[0])} rows in '{name}', found {len(array)}.")
        columns.append(pl.Series(str(name), np.ascontiguousarray(array)))
    return pl.DataFrame(columns)
