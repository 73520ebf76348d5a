"""What is predicted: whatever holds a table, in chunks, with what tells whether it has changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import polars as pl

from millwright.core.digest import digest_json
from millwright.core.errors import InvalidInputError
from millwright.core.ids import new_id
from millwright.core.progress import Progress, SilentProgress
from millwright.core.records.audit import NodeKind
from millwright.data.datasets.dataset import Dataset
from millwright.data.datasets.staged_rows import blocks
from millwright.data.sources.listing import list_files, names_many
from millwright.data.sources.place import is_url
from millwright.data.sources.request import PLAIN
from millwright.data.sources.source import load, load_in_batches, open_source, source_kind
from millwright.data.sources.table_file import opened_files
from millwright.deployment.batch.source import Chunks, existing_file, open_chunks
from millwright.deployment.batch.spool import spooled

if TYPE_CHECKING:
    from millwright.data.datasets.catalog import DatasetCatalog
    from millwright.data.sources.listing import ListedFile
    from millwright.data.sources.request import OpenedSource, SourceOptions

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*", flags=re.ASCII)  # what may be a dataset's name
Source: TypeAlias = str | pl.DataFrame | Dataset


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchInput:
    """A table that was found and not yet read.

    Attributes:
        uri: What people call it, without credentials.
        identity: Another one when the rows are others.
        kind: What it is in the lineage graph; None for a frame.
        node_id: Its id there.
        read: Gives the chunks; the folder is for rows that cannot be read twice.
    """

    uri: str
    identity: str
    kind: NodeKind | None
    node_id: str
    read: Callable[[Path, Progress], Chunks]


def find_source(
    said: str, datasets: DatasetCatalog, reading: SourceOptions = PLAIN, *, folder: Path | None = None
) -> str | Dataset:
    """What people mean by a name: a place of `data.sources`, or else a dataset.

    Args:
        said: A path, pattern or URL; `name@version`, `name@tag`, `name@date`, or a dataset's name for its latest.
        datasets: Finds datasets.
        reading: How to read it; with options it is never a dataset.
        folder: Where relative paths begin; the present folder when None.

    Raises:
        NotFoundError: There is no such version.
    """
    if is_url(said):
        return said
    path = Path(said).expanduser() if folder is None else folder / Path(said).expanduser()
    if reading.given() or path.exists() or names_many(str(path)):
        return str(path)
    name, at, _ = said.partition("@")
    if _NAME.fullmatch(name) and (at or datasets.versions(name)):
        return datasets.get(said)
    return str(path)


@contextmanager
def open_input(source: Source, reading: SourceOptions = PLAIN, *, chunk_rows: int) -> Iterator[BatchInput]:
    """Find a table.

    Every chunk but a file's last has `chunk_rows` rows, so that chunks are the same however often they are read.

    Args:
        source: A frame; a version of a dataset; or whatever `data.sources` knows: a file's path or URL, a folder or a
            pattern of files, a Delta table, a database's URL, and kinds that packages add.
        reading: How to read it.
        chunk_rows: Most rows in one chunk.

    Raises:
        InvalidInputError, StorageError, MissingExtraError: As `data.sources.source.open_source`; at the end of the
            context, too: a file was changed while it was read.
    """
    if isinstance(source, pl.DataFrame):
        chunks = open_chunks(source, chunk_rows)
        yield BatchInput(uri="a frame", identity=new_id(), kind=None, node_id="", read=lambda *_: chunks)
    elif isinstance(source, Dataset):
        record = source.record
        yield BatchInput(
            uri=record.ref,
            identity=digest_json([record.ref, record.digest]),
            kind=NodeKind.DATASET,
            node_id=record.ref,
            read=lambda *_: _dataset_chunks(source, chunk_rows),
        )
    else:
        read = _file_reader(source, reading, chunk_rows)
        with open_source(source, reading) as opened:
            identity = opened.digest or digest_json([opened.uri, source, reading.given()])
            yield BatchInput(
                uri=opened.uri,
                identity=identity,
                kind=NodeKind.SOURCE,
                node_id=f"{opened.uri}#{identity}",
                read=lambda folder, progress: (
                    read(opened)
                    if read is not None
                    else _chunks(opened, (source, reading), chunk_rows, folder, progress)
                ),
            )


def _file_reader(source: str, reading: SourceOptions, chunk_rows: int) -> Callable[[OpenedSource], Chunks] | None:
    """What reads a file of this machine, or several files; None for all else."""
    if source_kind(source, reading) != "csv" or reading.given():
        return None
    if names_many(source):
        files = list_files(source)
        return lambda _: _many_chunks(source, files, chunk_rows)
    local = source.removeprefix("file://")
    if is_url(local):
        return None
    path = str(existing_file(local))
    return lambda opened: _exact(open_chunks(path, chunk_rows, opened=opened), chunk_rows)


def _exact(chunks: Chunks, chunk_rows: int) -> Chunks:
    return Chunks(columns=chunks.columns, rows=chunks.rows, frames=blocks(chunks.frames, chunk_rows))


def _dataset_chunks(dataset: Dataset, chunk_rows: int) -> Chunks:
    rows = dataset.scan()
    frames = rows.collect_batches(chunk_size=chunk_rows, maintain_order=True, engine="streaming")
    return Chunks(
        columns=tuple(rows.collect_schema().names()), rows=dataset.record.rows, frames=blocks(frames, chunk_rows)
    )


def _chunks(
    opened: OpenedSource, asked: tuple[str, SourceOptions], chunk_rows: int, folder: Path, progress: Progress
) -> Chunks:
    """Of services and of files elsewhere."""
    source, reading = asked
    kind = source_kind(source, reading)
    if kind == "delta":
        from millwright.deployment.batch.delta import delta_chunks

        found = delta_chunks(source, int(opened.position["version"]), chunk_rows)
        if found is not None:
            return found
    if kind == "sql":
        from millwright.storage.query import Query, read_query_batches

        query = Query(url=source, query=reading.query, table=reading.table)
        return spooled(lambda: read_query_batches(query, chunk_rows), folder, chunk_rows, progress)
    if opened.digest is None:
        return spooled(lambda: iter([load(opened, progress).frame]), folder, chunk_rows, progress)
    batches = load_in_batches(opened, SilentProgress())
    if batches is None:
        return open_chunks(load(opened, progress).frame, chunk_rows)
    return _begun(None, blocks(batches[0], chunk_rows))


def _many_chunks(source: str, files: list[ListedFile], chunk_rows: int) -> Chunks:
    """The rows of several files, one file after the other; a chunk never has rows of two."""

    def frames() -> Iterator[pl.DataFrame]:
        first: pl.Schema | None = None
        for file in files:
            with file.fetched() as here:
                opened = opened_files(source, [(file.name, here)], PLAIN)
                batches = load_in_batches(opened, SilentProgress())
                read = iter([load(opened, SilentProgress()).frame]) if batches is None else batches[0]
                for frame in blocks(read, chunk_rows):
                    first = first or frame.schema
                    yield _fitted(frame, first, (files[0].uri, file.uri))

    return _begun(None, frames())


def _begun(rows: int | None, frames: Iterator[pl.DataFrame]) -> Chunks:
    """Chunks whose first one tells the columns."""
    first = next(frames, None)
    if first is None:
        return Chunks(columns=(), rows=0, frames=iter(()))
    return Chunks(columns=tuple(first.columns), rows=rows, frames=chain([first], frames))


def _fitted(frame: pl.DataFrame, first: pl.Schema, uris: tuple[str, str]) -> pl.DataFrame:
    """The frame with its columns in the order of the first file's."""
    found = frame.schema
    wrong = [f"'{name}' is absent" for name in first if name not in found]
    wrong += [f"'{name}' is not in the first" for name in found if name not in first]
    wrong += [
        f"'{name}' is {found[name]} instead of {dtype}"
        for name, dtype in first.items()
        if name in found and not _fit(dtype, found[name])
    ]
    if wrong:
        raise InvalidInputError(
            f"Expected the columns of {uris[0]} in {uris[1]}, found others: {', '.join(wrong[:5])}.",
            hint="Bring the files in line, or predict them one by one.",
            details={"file": uris[1], "columns": wrong},
        )
    return frame.select(first.names())


def _fit(expected: pl.DataType, found: pl.DataType) -> bool:
    both = {expected, found}
    return expected == found or pl.Null in both or (expected.is_numeric() and found.is_numeric())
