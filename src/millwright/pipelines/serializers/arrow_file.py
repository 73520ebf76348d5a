"""Arrow tables as the bytes of a file: small ones of numbers as Arrow IPC, all others as Parquet.

IPC is the memory as it stands: written in a twentieth of the time that Parquet takes, and read without being decoded.
It is for tables whose memory is told by their values alone: below a missing value, in the bits of truth values and
behind dictionaries the memory may hold anything, and equal tables must have equal bytes.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

# Fixed, not left to the libraries' defaults or to how a table lies in memory: the digest is the value's identity.
_ROW_GROUP_ROWS = 1 << 18
_COMPRESSION = "zstd"
_LONGEST_IPC_BYTES = 1 << 18  # not compressed: for more, the disk counts
_BITS_OF_BYTE = 8
_IPC_MAGIC = b"ARROW1"


def write_table(table: pa.Table) -> bytes:
    """A table as a file, its schema's metadata included; the same bytes for equal tables."""
    return _write_ipc(table) if _is_plain(table) else _write_parquet(table)


def read_table(data: bytes) -> pa.Table:
    """The table of a file of either format."""
    import pyarrow as pa

    if is_ipc(data):
        return pa.ipc.open_file(pa.BufferReader(data)).read_all()
    import pyarrow.parquet as pq

    return pq.read_table(io.BytesIO(data))


def is_ipc(data: bytes) -> bool:
    """Whether a file is Arrow IPC, and not Parquet."""
    return data.startswith(_IPC_MAGIC)


def _is_plain(table: pa.Table) -> bool:
    """Whether a table is small, and nothing but numbers and times, none of them missing."""
    import pyarrow as pa

    types = table.schema.types
    if not table.num_rows or not all(pa.types.is_primitive(each) and not pa.types.is_boolean(each) for each in types):
        return False
    size_bytes = table.num_rows * sum(each.bit_width for each in types) // _BITS_OF_BYTE
    return size_bytes <= _LONGEST_IPC_BYTES and not any(column.null_count for column in table.columns)


def _write_ipc(table: pa.Table) -> bytes:
    import pyarrow as pa

    columns = [_cut(column) for column in table.columns]
    sink = pa.BufferOutputStream()
    with pa.RecordBatchFileWriter(sink, table.schema) as writer:
        writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=table.schema))
    written: bytes = sink.getvalue().to_pybytes()
    return written


def _cut(column: pa.ChunkedArray) -> pa.Array:
    """A column as one array in memory of its own length: the writer takes along what lies behind a part of another."""
    import pyarrow as pa

    whole = column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)
    width = column.type.bit_width // _BITS_OF_BYTE
    missing, memory = whole.buffers()
    if missing is None and memory.size == len(whole) * width:
        return whole
    memory = memory.slice(whole.offset * width, len(whole) * width)
    return pa.Array.from_buffers(column.type, len(whole), [None, memory], null_count=0)


def _write_parquet(table: Any) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    # Floats hardly repeat: a dictionary of them doubles the time of writing. Nobody searches by statistics.
    repeating = [field.name for field in table.schema if not pa.types.is_floating(field.type)]
    pq.write_table(
        table.combine_chunks(),
        buffer,
        compression=_COMPRESSION,
        row_group_size=_ROW_GROUP_ROWS,
        version="2.6",
        use_dictionary=repeating or False,
        write_statistics=False,
    )
    return buffer.getvalue()
