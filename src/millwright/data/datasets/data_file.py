"""One Parquet file of a table. Its name tells which place its rows have in the table, and what they are.

`rows-<place>-<content digest>-<write id>.parquet`: the rows of a version are those of its files by place. A file that
takes the place of another has its number, one that is added behind the others a higher one. Files of any other name
were written by releases before this layout; they stand in front, in the order of their writing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from millwright.core.ids import Digest, new_id
from millwright.data.datasets.content_digest import content_digest
from millwright.data.datasets.file_statistics import statistics
from millwright.storage.folder import open_folder

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

_NAME = re.compile(r"rows-(\d{10})-([0-9a-f]{64})-[0-9a-f]{32}\.parquet")
_OLD_NAME = re.compile(r"part-(\d+)-([0-9a-fA-F-]{36})")
_ZSTD_LEVEL = 3  # the library's default; higher levels cost more time than they save space on mixed tables


@dataclass(frozen=True, kw_only=True, slots=True)
class DataFile:
    """One file of a table.

    Attributes:
        path: Its name in the table's folder.
        rows: How many rows it holds.
        place: Its place among the table's files, from 1; 0 for files of older releases.
        digest: Of its rows; None for files of older releases.
        statistics: What the log keeps of a file that was written just now; "" for others.
    """

    path: str
    rows: int
    size_bytes: int
    place: int = 0
    digest: Digest | None = None
    statistics: str = ""


def write_file(uri: str, rows: pl.DataFrame, place: int) -> DataFile:
    """Write rows as a file in a table's folder; nobody sees it before a commit names it.

    Args:
        uri: The table's folder or URL.
        rows: In normal form.
        place: The file's place.
    """
    digest = content_digest(rows)
    buffer = BytesIO()
    rows.write_parquet(buffer, compression="zstd", compression_level=_ZSTD_LEVEL)
    data = buffer.getvalue()
    name = f"rows-{place:010}-{digest}-{new_id()}.parquet"
    if "://" in _local(uri):
        open_folder(uri).write(name, data)
    else:
        (Path(_local(uri)) / name).write_bytes(data)
    return DataFile(
        path=name, rows=rows.height, size_bytes=len(data), place=place, digest=digest, statistics=statistics(rows)
    )


def known_file(path: str, *, rows: int, size_bytes: int) -> DataFile:
    """A file that a table's log names."""
    found = _NAME.fullmatch(path)
    if found is None:
        return DataFile(path=path, rows=rows, size_bytes=size_bytes)
    return DataFile(path=path, rows=rows, size_bytes=size_bytes, place=int(found[1]), digest=Digest(found[2]))


def in_order(files: Iterable[tuple[DataFile, int]]) -> tuple[DataFile, ...]:
    """Files, each with its time in milliseconds, in the order of their rows.

    Files of older releases come first. A write of those numbered its files and gave them one id; such writes are
    ordered by the time of their first file.
    """
    began: dict[str, int] = {}
    parts = []
    for file, modified in files:
        found = None if file.place else _OLD_NAME.search(file.path)
        number, write = (int(found[1]), found[2]) if found else (0, file.path)
        began[write] = min(began.get(write, modified), modified)
        parts.append((file, write, number))
    ordered = sorted(parts, key=lambda part: (part[0].place, 0 if part[0].place else began[part[1]], part[1], part[2]))
    return tuple(file for file, _, _ in ordered)


def location(uri: str, file: DataFile) -> str:
    """Where a file is: a local path, or a URL."""
    if "://" in _local(uri):
        return f"{uri.rstrip('/')}/{file.path}"
    return str(Path(_local(uri)) / unquote(file.path))


def _local(uri: str) -> str:
    """A `file` URL as the path that it means."""
    return unquote(uri.removeprefix("file://")) if uri.startswith("file://") else uri
