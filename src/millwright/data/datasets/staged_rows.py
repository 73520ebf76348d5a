"""Rows of any number as data files of a table: written batch by batch, before anybody's turn to commit them.

Files are cut at the same rows however the rows came, and each has the digest of its rows, so that the same rows give
the same digest of the table (by the scheme `files`) again.
"""

from __future__ import annotations

import contextlib
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from millwright.data.datasets import layout
from millwright.data.datasets.content_digest import content_digest
from millwright.data.datasets.data_file import DataFile, location, write_file
from millwright.data.datasets.evolution import evolve
from millwright.data.datasets.normal_form import to_normal_form
from millwright.data.datasets.table_error import table_errors
from millwright.storage.folder import open_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future

SAMPLE_ROWS = 16_384


@dataclass(frozen=True, kw_only=True, slots=True)
class StagedRows:
    """Data files that no version names yet.

    Attributes:
        uri: The table's folder or URL.
        files: In the order of the rows; their places follow one another.
        schema: The columns of each.
        nullable: The columns with a null.
    """

    uri: str
    files: tuple[DataFile, ...]
    schema: pl.Schema
    nullable: frozenset[str]

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(file.rows for file in self.files)

    def frames(self) -> Iterator[pl.DataFrame]:
        """The rows, file by file."""
        for file in self.files:
            with table_errors(self.uri):
                yield pl.read_parquet(location(self.uri, file), glob=False, hive_partitioning=False)

    def discard(self) -> None:
        """Remove the files, which no version may name."""
        for file in self.files:
            remove_file(self.uri, file)

    def equals(self, rows: pl.LazyFrame) -> bool:
        """Whether a table of as many rows with these columns has the same ones; it is read up to the first difference.

        Args:
            rows: The table, whatever files it is cut into.
        """
        files = iter(self.files)
        step = self.files[0].rows if self.files else 1
        return all(
            (file := next(files, None)) is not None and content_digest(block) == file.digest
            for block in blocks(rows.collect_batches(maintain_order=True, engine="streaming"), step)
        )


def stage(
    uri: str, frames: Iterable[pl.DataFrame], schema: pl.Schema, *, place: int, step: int, ref: str
) -> StagedRows:
    """Write rows as data files of a table.

    Only a few files' rows are in memory at a time.

    Args:
        uri: The table's folder or URL, which is there.
        frames: The rows.
        schema: The columns, in normal form; rows may have narrower types.
        place: Of the first file.
        step: How many rows a file gets.
        ref: What the rows are for, for messages.

    Raises:
        InvalidInputError: A frame has other columns.
        StorageError: The folder or URL cannot be written.
    """
    fitted = (evolve(schema, to_normal_form(frame), ref=ref, allowed=False).rows for frame in frames if frame.height)
    nullable: set[str] = set()
    files: list[DataFile] = []
    with table_errors(uri), ThreadPoolExecutor(layout.THREADS) as pool:
        waiting: deque[Future[DataFile]] = deque()
        try:
            for number, block in enumerate(blocks(fitted, step), start=place):
                nullable |= {column.name for column in block.get_columns() if column.null_count()}
                if len(waiting) >= layout.THREADS:
                    files.append(waiting.popleft().result())
                waiting.append(pool.submit(write_file, uri, block, number))
            while waiting:
                files.append(waiting.popleft().result())
        except BaseException:
            for one in waiting:
                with contextlib.suppress(Exception):
                    files.append(one.result())
            for file in files:
                remove_file(uri, file)
            raise
    return StagedRows(uri=uri, files=tuple(files), schema=schema, nullable=frozenset(nullable))


def blocks(frames: Iterable[pl.DataFrame], step: int) -> Iterator[pl.DataFrame]:
    """Rows cut anew into frames of so many rows; the last may have fewer."""
    held: list[pl.DataFrame] = []
    count = 0
    for frame in frames:
        held.append(frame)
        count += frame.height
        if count < step:
            continue
        whole = pl.concat(held, rechunk=False)
        for start in range(0, count - step + 1, step):
            yield whole.slice(start, step).rechunk()
        held = [whole.slice(count - count % step).rechunk()] if count % step else []
        count %= step
    if count:
        yield pl.concat(held)


def remove_file(uri: str, file: DataFile) -> None:
    """Remove a data file that no version names."""
    place = location(uri, file)
    if "://" in place:
        open_folder(uri).delete(file.path)
    else:
        Path(place).unlink(missing_ok=True)
