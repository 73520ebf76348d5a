"""A Parquet file that grows by a row group with each chunk, and can be gone on with after a kill.

Arrow writes each chunk as a small file of its own in memory. Its row group is appended to the file to be; its footer is
kept elsewhere (in the journal's lines). At the end one footer is made of all, with their places moved to where the row
groups are: the file is the same, byte by byte, as if one writer had written it at once, and no row is written twice.

Source: https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from io import BytesIO
from typing import IO, TYPE_CHECKING

import polars as pl

from millwright.deployment.batch.compact_protocol import I16, CompactReader, Struct, write_struct
from millwright.deployment.batch.sink import parquet_writer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_MAGIC = b"PAR1"
_TAIL = 8  # the footer's length in four bytes, and the magic ones
# The numbers of fields in parquet.thrift.
_SCHEMA, _ROWS, _ROW_GROUPS, _NOTES = 2, 3, 4, 5  # FileMetaData
_COLUMNS, _GROUP_OFFSET, _ORDINAL = 1, 5, 7  # RowGroup
_CHUNK_OFFSETS, _META = (2, 4, 6), 3  # ColumnChunk
_META_OFFSETS = (9, 10, 11, 14)  # ColumnMetaData


@dataclass(frozen=True, kw_only=True, slots=True)
class RowGroup:
    """Where a chunk's rows are.

    Attributes:
        begin: Of its bytes in the file.
        end: Behind its last byte.
        footer: Of the small file that it was, whose places count from 4 for its first byte; Thrift.
        digest: Of all bytes of the file up to `end`.
    """

    begin: int
    end: int
    footer: bytes
    digest: str


class RowGroupFile:
    """A Parquet file in the making. One thread at a time.

    Args:
        path: Where it is; made when the first rows come.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[bytes] | None = None
        self._state = hashlib.sha256()
        self._end = 0

    def append(self, frame: pl.DataFrame) -> RowGroup:
        """Add rows; what the operating system has is durable against a kill, not against a power cut."""
        import pyarrow as pa

        table, buffer = frame.to_arrow(), pa.BufferOutputStream()
        with parquet_writer(buffer, table.schema) as writer:
            writer.write_table(table)
        content = memoryview(buffer.getvalue())
        length = int.from_bytes(content[-_TAIL:-4], "little")
        last = len(content) - _TAIL - length
        if not self._end:
            self._write(_MAGIC)
        begin = self._end
        self._write(content[len(_MAGIC) : last])
        footer = bytes(content[last:-_TAIL])
        return RowGroup(begin=begin, end=self._end, footer=footer, digest=self._state.copy().hexdigest())

    def recover(self, groups: Iterable[RowGroup]) -> int:
        """Go on with what an earlier process appended, in that order.

        Returns:
            How many of the row groups are there as they were, from the first on; the file is cut behind them.
        """
        kept = 0
        if self.path.is_file():
            with self.path.open("rb") as file:
                state, end = hashlib.sha256(), 0
                for group in groups:
                    state.update(file.read(group.end - end))
                    if state.hexdigest() != group.digest:
                        break
                    self._state, self._end, end, kept = state.copy(), group.end, group.end, kept + 1
        return kept

    def frames(self, groups: Iterable[RowGroup]) -> Iterator[pl.DataFrame]:
        """The rows of each."""
        from pyarrow import parquet

        with self.path.open("rb") as file:
            for group in groups:
                file.seek(group.begin)
                content = _MAGIC + file.read(group.end - group.begin) + _ended(group.footer)
                yield pl.DataFrame(parquet.ParquetFile(BytesIO(content)).read())

    def schemas(self, groups: Iterable[RowGroup]) -> Iterator[pl.Schema]:
        """The columns and types of each."""
        from pyarrow import parquet

        for group in groups:
            schema = parquet.read_schema(BytesIO(_MAGIC + _ended(group.footer)))
            yield pl.DataFrame(schema.empty_table()).schema

    def seal(self, groups: Iterable[RowGroup]) -> str:
        """Write the footer, durably; it is a Parquet file from then on.

        Args:
            groups: Of `is_uniform`, in the order of the rows.

        Returns:
            The digest of the whole file.
        """
        self._write(_ended(_merged(list(groups))))
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())
        self.close()
        return self._state.hexdigest()

    def close(self) -> None:
        """Write no more for now."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, content: bytes | memoryview) -> None:
        if self._file is None:
            self._file = self.path.open("r+b" if self._end else "wb", buffering=0)
            self._file.truncate(self._end)
            self._file.seek(self._end)
        left = memoryview(content)
        while left:
            left = left[self._file.write(left) :]
        self._state.update(content)
        self._end += len(content)


def is_uniform(groups: Iterable[RowGroup]) -> bool:
    """Whether all have the same columns of the same types, so that they can be one file."""
    kinds = []
    for group in groups:
        fields = CompactReader(group.footer).struct()
        kinds.append((fields[_SCHEMA], fields.get(_NOTES)))  # the notes hold Arrow's schema
    return all(kind == kinds[0] for kind in kinds)


def _ended(footer: bytes) -> bytes:
    return footer + len(footer).to_bytes(4, "little") + _MAGIC


def _merged(groups: list[RowGroup]) -> bytes:
    """One footer for all, whose places count from the file's begin."""
    whole: Struct = {}
    found: list[Struct] = []
    for group in groups:
        fields = CompactReader(group.footer).struct()
        shift = group.begin - len(_MAGIC)
        kind, (element, parts) = fields[_ROW_GROUPS]
        for part in parts:
            _move(part, shift)
            if _ORDINAL in part and len(found) < 1 << 15:
                part[_ORDINAL] = (I16, len(found))
            else:
                part.pop(_ORDINAL, None)
            found.append(part)
        if whole:
            whole[_ROWS] = (whole[_ROWS][0], whole[_ROWS][1] + fields[_ROWS][1])
        else:
            whole = fields
        whole[_ROW_GROUPS] = (kind, (element, found))
    return write_struct(whole)


def _move(group: Struct, shift: int) -> None:
    _add(group, (_GROUP_OFFSET,), shift)
    for chunk in group[_COLUMNS][1][1]:
        _add(chunk, _CHUNK_OFFSETS, shift)
        _add(chunk[_META][1], _META_OFFSETS, shift)


def _add(fields: Struct, numbers: tuple[int, ...], shift: int) -> None:
    for number in numbers:
        kind, value = fields.get(number, (0, 0))
        if value:  # 0 stands for none
            fields[number] = (kind, value + shift)
