"""The digest of a table's content: the same for equal tables, whatever file or chunks they came in.

Equal means: the same column names and types in the same order, and the same values in the same order of rows. What is
hashed is defined here and depends on neither library, process nor machine: per column, SHA-256 over

1. how many rows are null (64 bits), and when there are any, which: one bit a row, the first in the highest bit;
2. the values, null ones as zero or empty: numbers, dates (days since 1970), times (microseconds since 1970) in
   little-endian two's complement or IEEE 754 of the type's width, every NaN as the quiet one and -0.0 as 0.0;
   booleans one bit a row; text and bytes as their lengths (64 bits each), then UTF-8 or the bytes; decimals as the
   text of their digits; lists as their lengths, then their items as one column; structs as one column per field;

and over it all the canonical JSON of the row count and of every column's name, type and digest. Polars' own row hashes
would be faster, but are not promised to stay the same from one release to the next.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from millwright.core.digest import digest_json
from millwright.data.datasets.normal_form import type_instance

if TYPE_CHECKING:
    from millwright.core.ids import Digest

_THREADS = 4  # hashing releases the interpreter's lock


def content_digest(frame: pl.DataFrame) -> Digest:
    """The digest of a table in normal form (see `to_normal_form`).

    Args:
        frame: Any number of rows, none included; nested columns are allowed.

    Raises:
        TypeError: A column is of a type that the normal form does not have.

    Example:
        >>> whole = pl.DataFrame({"a": [1, 2, None]})
        >>> content_digest(whole) == content_digest(pl.concat([whole[:1], whole[1:]], rechunk=False))
        True
    """
    with ThreadPoolExecutor(_THREADS) as pool:
        digests = list(pool.map(_column_digest, frame.get_columns()))
    columns = [
        [name, type_name(dtype), digest] for (name, dtype), digest in zip(frame.schema.items(), digests, strict=True)
    ]
    return digest_json({"rows": frame.height, "columns": columns})


def _column_digest(column: pl.Series) -> str:
    state = hashlib.sha256()
    _feed(state, column.rechunk())
    return state.hexdigest()


def _feed(state: hashlib._Hash, column: pl.Series) -> None:
    nulls = column.null_count()
    state.update(nulls.to_bytes(8, "little"))
    if nulls:
        state.update(np.packbits(column.is_null().to_numpy()).data)
    dtype = column.dtype
    if isinstance(dtype, (pl.String, pl.Binary)):
        _feed_text(state, column)
    elif isinstance(dtype, pl.Decimal):
        _feed_text(state, column.cast(pl.String))
    elif isinstance(dtype, pl.Boolean):
        state.update(np.packbits(column.fill_null(value=False).to_numpy()).data)
    elif isinstance(dtype, pl.List):
        state.update(_little_endian(column.list.len().cast(pl.Int64).fill_null(0).to_numpy()).data)
        filled = column.filter((column.list.len() > 0).fill_null(value=False))
        _feed(state, filled.explode().rechunk())
    elif isinstance(dtype, pl.Struct):
        for field in column.struct.fields:
            _feed(state, column.struct.field(field).rechunk())
    else:
        state.update(_little_endian(_numbers(column)).data)


def _numbers(column: pl.Series) -> np.ndarray:
    dtype = column.dtype
    if not (dtype.is_numeric() or isinstance(dtype, (pl.Date, pl.Datetime))):
        raise TypeError(f"Expected a table in normal form, found {dtype} in column '{column.name}'.")
    values = column.to_physical().fill_null(0).to_numpy()
    if dtype.is_float():
        values = values + values.dtype.type(0)  # -0.0 + 0.0 is 0.0; a copy, so the table itself stays as it is
        values[np.isnan(values)] = np.nan
    return values


def _feed_text(state: hashlib._Hash, column: pl.Series) -> None:
    column = column.fill_null("" if isinstance(column.dtype, pl.String) else b"")
    array = column.to_arrow(compat_level=pl.CompatLevel.oldest())
    _, offsets, data = array.buffers()
    bounds = np.frombuffer(offsets, dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    state.update(_little_endian(np.diff(bounds)).data)
    if data is not None and len(bounds) and bounds[-1] > bounds[0]:
        state.update(memoryview(data)[int(bounds[0]) : int(bounds[-1])])


def _little_endian(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))


def type_name(dtype: pl.DataType) -> str:
    """A type's name in the digest; written out here, since what Polars prints may change."""
    if isinstance(dtype, pl.Datetime):
        return f"Datetime[{dtype.time_unit},{dtype.time_zone or ''}]"
    if isinstance(dtype, pl.Decimal):
        return f"Decimal[{dtype.precision},{dtype.scale}]"
    if isinstance(dtype, pl.List):
        return f"List[{type_name(type_instance(dtype.inner))}]"
    if isinstance(dtype, pl.Struct):
        return f"Struct[{','.join(f'{field.name}:{type_name(type_instance(field.dtype))}' for field in dtype.fields)}]"
    return type(dtype).__name__
