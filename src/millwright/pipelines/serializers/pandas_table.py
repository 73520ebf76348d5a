"""pandas frames as Arrow tables."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

_NUMBERS = "iuf"  # kinds of dtypes
_TEXTS = ("str", "object")  # dtypes of an index of texts: of pandas from 3 on, and of those before


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the schema of a plain frame's table depends on.

    Attributes:
        names: The columns', all of them texts, no two the same.
        names_dtype: Of the index of columns.
        dtype: That all columns have.
        rows: Start, stop and step of the index.
        rows_name: The index's.
    """

    names: tuple[str, ...]
    names_dtype: str
    dtype: Any
    rows: tuple[int, int, int]
    rows_name: str | None


def pandas_table(frame: Any) -> pa.Table:
    """What `pyarrow.Table.from_pandas` gives; it may share the frame's memory.

    A frame of numbers of one dtype, none of them missing, with texts as names and rows that are counted, is made here:
    `from_pandas` takes twenty times as long, and much longer when it is first called.
    """
    import numpy as np
    import pyarrow as pa

    shape = _shape(frame)
    if shape is None:
        return pa.Table.from_pandas(frame)
    values = np.ascontiguousarray(frame.to_numpy().T)  # (columns, rows)
    if shape.dtype.kind == "f" and np.isnan(values).any():
        return pa.Table.from_pandas(frame)  # which takes NaN for missing
    memory, kind, rows = pa.py_buffer(values), pa.from_numpy_dtype(shape.dtype), len(frame)
    size_bytes = rows * shape.dtype.itemsize
    columns = [
        pa.Array.from_buffers(kind, rows, [None, memory.slice(at * size_bytes, size_bytes)], null_count=0)
        for at in range(len(shape.names))
    ]
    return pa.Table.from_arrays(columns, schema=_schema(shape, kind))


def _shape(frame: Any) -> _Shape | None:
    """The shape of a plain frame; None for any other."""
    import numpy as np
    import pandas as pd

    columns, index = frame.columns, frame.index
    if type(frame) is not pd.DataFrame or type(columns) is not pd.Index or type(index) is not pd.RangeIndex:
        return None
    is_named = index.name is None or type(index.name) is str
    if frame.attrs or columns.name is not None or not is_named:
        return None
    dtype = _dtype(frame)
    is_of_numbers = isinstance(dtype, np.dtype) and dtype.kind in _NUMBERS and dtype.isnative
    found = _names(columns) if is_of_numbers else None
    if found is None:
        return None
    names, names_dtype = found
    return _Shape(names, names_dtype, dtype, (index.start, index.stop, index.step), index.name)


def _dtype(frame: Any) -> Any:
    """The dtype that all columns have; None when there are several, or none."""
    # `frame.dtypes` makes a series of them, which takes as long as all the rest. No public name tells of the blocks.
    blocks: Any = getattr(getattr(frame, "_mgr", None), "blocks", ())
    dtypes = {blocks[0].dtype} if len(blocks) == 1 and hasattr(blocks[0], "dtype") else set(frame.dtypes)
    return next(iter(dtypes)) if len(dtypes) == 1 else None


_last_names: tuple[Any, tuple[tuple[str, ...], str] | None] = (None, None)  # steps hand on frames of the same columns


def _names(columns: Any) -> tuple[tuple[str, ...], str] | None:
    """The names of columns, and their dtype; None unless they are texts, no two the same."""
    global _last_names  # noqa: PLW0603 - the latest, whoever asked: indexes never change
    last, known = _last_names
    if last is not None and columns.is_(last):
        return known
    names, dtype = tuple(columns.tolist()), str(columns.dtype)
    is_plain = dtype in _TEXTS and all(type(name) is str for name in names) and len(set(names)) == len(names)
    found = (names, dtype) if is_plain else None
    _last_names = (columns, found)
    return found


@lru_cache(maxsize=256)  # steps hand on many frames of few shapes
def _schema(shape: _Shape, kind: pa.DataType) -> pa.Schema:
    """The schema, with what pandas needs to make the same frame again.

    As in "Storing pandas DataFrame objects in Apache Parquet format" of pandas' documentation for developers.
    """
    import pandas as pd
    import pyarrow as pa

    (start, stop, step), dtype = shape.rows, str(shape.dtype)
    facts = {
        "index_columns": [{"kind": "range", "name": shape.rows_name, "start": start, "stop": stop, "step": step}],
        "column_indexes": [_described(None, "unicode", shape.names_dtype, {"encoding": "UTF-8"})],
        "columns": [_described(name, dtype, dtype, None) for name in shape.names],
        "attributes": {},
        "creator": {"library": "pyarrow", "version": pa.__version__},
        "pandas_version": pd.__version__,
    }
    return pa.schema([(name, kind) for name in shape.names], metadata={"pandas": json.dumps(facts)})


def _described(name: str | None, pandas_type: str, numpy_type: str, metadata: dict[str, str] | None) -> dict[str, Any]:
    return {
        "name": name,
        "field_name": name,
        "pandas_type": pandas_type,
        "numpy_type": numpy_type,
        "metadata": metadata,
    }
