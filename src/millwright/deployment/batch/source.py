"""Tables in chunks: files that need not fit into memory, or a frame."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import InvalidInputError, closest
from millwright.core.progress import SilentProgress
from millwright.data.sources.delimited import find_separator
from millwright.data.sources.header import clean_headers
from millwright.data.sources.source import load, read_source

if TYPE_CHECKING:
    from millwright.data.sources.request import OpenedSource

FORMATS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
_SNIFFED_BYTES = 256 << 10
_WHOLE_BYTES = 64 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Chunks:
    """A table that comes piece by piece.

    Attributes:
        columns: Clean names, in order.
        rows: How many there will be; None when only reading tells.
        frames: The pieces, in order, once; columns renamed to the clean names.
    """

    columns: tuple[str, ...]
    rows: int | None
    frames: Iterator[pl.DataFrame]


def open_chunks(
    source: str | pl.DataFrame,
    chunk_rows: int,
    *,
    opened: OpenedSource | None = None,
    whole_bytes: int = _WHOLE_BYTES,
) -> Chunks:
    """A table in chunks.

    Args:
        source: A CSV, TSV, Parquet or JSON lines file, or a frame. Columns of CSV and TSV come as text.
        chunk_rows: Most rows in one chunk.
        opened: The same file, where it is open already, so that its digest is not computed again.
        whole_bytes: Files up to this size are read at once, as datasets are: whatever their encoding, with unusual
            quotes and names that repeat, gzipped, or as a JSON array. Larger ones must be in UTF-8 and of one of
            `FORMATS`.

    Raises:
        InvalidInputError: There is no such file, it is empty, of another format, or broken; the latter also while the
            chunks are read.
    """
    if isinstance(source, pl.DataFrame):
        return Chunks(columns=tuple(source.columns), rows=source.height, frames=source.iter_slices(chunk_rows))
    path = existing_file(source)
    if path.stat().st_size <= whole_bytes:
        frame = (load(opened, SilentProgress()) if opened else read_source(str(path))).frame
        return Chunks(columns=tuple(frame.columns), rows=frame.height, frames=frame.iter_slices(chunk_rows))
    kind = table_format(path)
    with _told(source):
        lazy = _scan(path, kind)
        names = lazy.collect_schema().names()
        rows = lazy.select(pl.len()).collect().item() if kind == "parquet" else None
    columns = tuple(clean_headers(names))
    renamed = lazy.rename(dict(zip(names, columns, strict=True)))
    return Chunks(columns=columns, rows=rows, frames=_frames(renamed, chunk_rows, source))


def table_format(path: Path) -> str:
    """The format of a file, by the end of its name.

    Raises:
        InvalidInputError: None of `FORMATS`.
    """
    kind = FORMATS.get(path.suffix.lower())
    if kind is None:
        raise InvalidInputError(
            f"Expected a file that ends in {', '.join(FORMATS)}, found '{path.name}'.",
            hint=closest(path.suffix.lower(), FORMATS) if path.suffix else "",
        )
    return kind


def existing_file(source: str) -> Path:
    """A file that is there and holds something.

    Raises:
        InvalidInputError: It is not, or it is a folder or empty.
    """
    path = Path(source).expanduser()
    if not path.is_file():
        found = "a folder" if path.is_dir() else "nothing"
        names = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
        raise InvalidInputError(
            f"Expected a file at '{source}', found {found}.", hint=closest(path.name, names) if names else ""
        )
    if path.stat().st_size == 0:
        raise InvalidInputError(f"Expected a table in '{source}', found an empty file.")
    return path


def _scan(path: Path, kind: str) -> pl.LazyFrame:
    if kind == "parquet":
        return pl.scan_parquet(path)
    if kind == "jsonl":
        return pl.scan_ndjson(path, infer_schema_length=None)
    preferred = "\t" if path.suffix.lower() == ".tsv" else ","
    with path.open("rb") as file:
        separator = find_separator(file.read(_SNIFFED_BYTES), preferred=preferred) or preferred
    return pl.scan_csv(path, separator=separator, infer_schema=False)


def _frames(lazy: pl.LazyFrame, chunk_rows: int, source: str) -> Iterator[pl.DataFrame]:
    with _told(source):
        batches = iter(lazy.collect_batches(chunk_size=chunk_rows, maintain_order=True))
    while True:
        with _told(source):  # around the reading only: what fails while a chunk is used is not the source's fault
            frame = next(batches, None)
        if frame is None:
            return
        yield from frame.iter_slices(chunk_rows)  # a file's own row groups may be larger


@contextmanager
def _told(source: str) -> Iterator[None]:
    try:
        yield
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        what = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise InvalidInputError(
            f"Expected a table in '{source}', found one that does not read: {what}.",
            hint="Check that its format is what its name says, and that its text is UTF-8.",
        ) from error
