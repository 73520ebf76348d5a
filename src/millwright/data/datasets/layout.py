"""How rows are cut into files: about four megabytes each, so that a small change writes little anew.

Smaller files would make a change cheaper still, but every file costs each reader a request and each version a line.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import TYPE_CHECKING

from millwright.data.datasets.data_file import write_file
from millwright.data.datasets.table_error import table_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from millwright.data.datasets.data_file import DataFile

TARGET_BYTES = 4 << 20
THREADS = 4  # encoding and hashing release the interpreter's lock
_SAMPLE_ROWS = 16_384
_SAMPLE_BYTES = TARGET_BYTES  # in memory
_MOST_IN_MEMORY = 32 << 20  # of one file, so that a few of them always fit
_SMALL = TARGET_BYTES // 4
_TAIL = 16


def write_rows(uri: str, rows: pl.DataFrame, *, place: int) -> list[DataFile]:
    """Write rows as files of about `TARGET_BYTES` in a table's folder.

    Args:
        uri: The table's folder or URL.
        rows: In normal form; no file is written for none.
        place: The place of the first file; the others follow.

    Raises:
        StorageError: The folder or URL cannot be written.
    """
    if rows.is_empty():
        return []
    step = rows_per_file(rows)
    pieces = list(enumerate(rows.iter_slices(step), start=place))
    with table_errors(uri), ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda piece: write_file(uri, piece[1], piece[0]), pieces))


def rows_per_file(rows: pl.DataFrame) -> int:
    """How many of these rows make a file of about `TARGET_BYTES`, by what a sample from their middle takes."""
    in_memory = max(1, int(rows.estimated_size()))
    if in_memory <= TARGET_BYTES:
        return rows.height
    count = max(1, min(_SAMPLE_ROWS, rows.height * _SAMPLE_BYTES // in_memory))
    buffer = BytesIO()
    rows.slice((rows.height - count) // 2, count).write_parquet(buffer, compression="zstd")
    return max(1, count * TARGET_BYTES // buffer.tell())


def rows_per_file_like(sample: pl.DataFrame) -> int:
    """How many rows make a file of about `TARGET_BYTES`, when there are more like these.

    Args:
        sample: The table's first rows; at least one.
    """
    buffer = BytesIO()
    sample.write_parquet(buffer, compression="zstd")
    by_size = sample.height * TARGET_BYTES // buffer.tell()
    in_memory = sample.height * _MOST_IN_MEMORY // max(1, int(sample.estimated_size()))
    return max(1, min(by_size, in_memory))


def small_tail(files: Sequence[DataFile]) -> list[DataFile]:
    """The last files, when they are so many and so small that an append should write them anew as one.

    Without this, a thousand small appends would leave a thousand files. At most `_TAIL` appends in a row go by without
    it, and each file taken up is under a quarter of `TARGET_BYTES`.
    """
    first = len(files)
    while first and files[first - 1].size_bytes < _SMALL:
        first -= 1
    return list(files[first:]) if len(files) - first >= _TAIL else []
