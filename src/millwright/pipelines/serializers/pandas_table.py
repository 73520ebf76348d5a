"""pandas frames as Arrow tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

_NUMBERS = "iuf"  # kinds of dtypes
_MOST_SHAPES = 256


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the schema of a plain frame's table depends on, the metadata of pandas included.

    Attributes:
        names: The columns', all of them texts.
        names_dtype: Of the index of columns.
        dtype: That all columns have.
        rows: Start, stop and step of the index, and its name.
    """

    names: tuple[str, ...]
    names_dtype: str
    dtype: Any
    rows: tuple[int, int, int, str | None]


_schemas: dict[_Shape, pa.Schema] = {}


def pandas_table(frame: Any) -> pa.Table:
    """What `pyarrow.Table.from_pandas` gives.

    A frame of numbers of one dtype, none of them missing, with texts as names and rows that are counted, takes a
    twentieth of the time when another one of the same shape came before: steps hand on many of those.
    """
    import numpy as np
    import pyarrow as pa

    shape = _shape(frame)
    if shape is None:
        return pa.Table.from_pandas(frame)
    if shape not in _schemas:
        table = pa.Table.from_pandas(frame)
        if len(_schemas) >= _MOST_SHAPES:
            _schemas.clear()
        _schemas[shape] = table.schema
        return table
    values = frame.to_numpy()
    if shape.dtype.kind == "f" and np.isnan(values).any():
        return pa.Table.from_pandas(frame)  # which takes NaN for missing
    return pa.Table.from_arrays([pa.array(column) for column in values.T], schema=_schemas[shape])


def _shape(frame: Any) -> _Shape | None:
    """The shape of a plain frame; None for any other."""
    import numpy as np
    import pandas as pd

    columns, index = frame.columns, frame.index
    if type(frame) is not pd.DataFrame or type(columns) is not pd.Index or type(index) is not pd.RangeIndex:
        return None
    if frame.attrs or columns.name is not None or not (index.name is None or type(index.name) is str):
        return None
    names, dtypes = tuple(columns), set(frame.dtypes)
    dtype = next(iter(dtypes), None)
    is_of_numbers = len(dtypes) == 1 and isinstance(dtype, np.dtype) and dtype.kind in _NUMBERS and dtype.isnative
    if not is_of_numbers or not all(type(name) is str for name in names):
        return None
    return _Shape(names, str(columns.dtype), dtype, (index.start, index.stop, index.step, index.name))
