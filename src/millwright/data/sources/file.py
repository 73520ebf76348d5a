"""One file that holds a table: its format is told from its first bytes, and from its name where those don't tell."""

from __future__ import annotations

import gzip
import shutil
import tempfile
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError
from millwright.data.sources import arrow, excel, parquet
from millwright.data.sources.header import clean_headers
from millwright.data.sources.place import one_line
from millwright.data.sources.text_table import TEXT_FORMATS, read_text_table, scan_text_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from millwright.data.sources.place import FetchedFile
    from millwright.data.sources.request import SourceOptions

FILE_FORMATS = (*TEXT_FORMATS, "parquet", "arrow", "excel")
TABLE_NAMES = {
    ".csv", ".tsv", ".tab", ".psv", ".jsonl", ".ndjson", ".json", ".parquet", ".pq", *arrow.NAMES, *excel.NAMES,
}  # fmt: skip
_GZIP = b"\x1f\x8b"


def read_file(file: FetchedFile, options: SourceOptions) -> tuple[pl.DataFrame, str]:
    """Parse a file.

    Args:
        file: Where it lies, and what it is called.
        options: Its format, when the user names one, and a workbook's sheet.

    Returns:
        The rows, with clean column names, and the format (one of `FILE_FORMATS`).

    Raises:
        InvalidInputError: The bytes are no table, or hold no rows; or a sheet was named for what is no workbook.
        MissingExtraError: The library for the format is not installed.
    """
    with _unpacked(file) as (path, suffix):
        kind = options.format or _format(path, suffix)
        if options.sheet and kind != "excel":
            raise InvalidInputError(
                f"Expected a workbook in {file.uri} to take the sheet '{options.sheet}' of, found another file.",
                hint="Leave --sheet out.",
            )
        if kind == "excel":
            frame = excel.read_excel(path, file.uri, options.sheet)
        elif kind == "parquet":
            frame = parquet.read_parquet(path, file.uri)
        elif kind == "arrow":
            frame = arrow.read_arrow(path, file.uri)
        else:
            frame, kind = read_text_table(path, file.uri, suffix=suffix, asked=options.format)
    if frame.height == 0 or frame.width == 0:
        raise InvalidInputError(
            f"Expected rows in {file.uri}, found a table without any.", hint="Give a file with rows."
        )
    frame.columns = clean_headers(frame.columns)
    return frame, kind


def scan_file(file: FetchedFile, options: SourceOptions) -> tuple[pl.LazyFrame, str] | None:
    """The table of `read_file`, lazily, to be computed in batches.

    Args:
        file: Where it lies, and what it is called.
        options: Its format, when the user names one.

    Returns:
        The rows and the format; None unless it is a Parquet file or plain delimited text.

    Raises:
        InvalidInputError: It is a part of a Parquet file, or no text.
    """
    suffix = suffix_of(file.uri)
    with file.path.open("rb") as opened:
        if opened.read(2) == _GZIP or options.sheet:
            return None
    kind = options.format or _format(file.path, suffix)
    if kind == "parquet":
        rows = parquet.scan_parquet(file.path, file.uri)
    elif kind in {"arrow", "excel"}:
        return None
    else:
        found = scan_text_table(file.path, file.uri, suffix=suffix, asked=options.format)
        if found is None:
            return None
        rows, kind = found
    names = rows.collect_schema().names()
    return rows.rename(dict(zip(names, clean_headers(names), strict=True))), kind


def _format(path: Path, suffix: str) -> str:
    """`parquet`, `arrow` or `excel`; empty for text."""
    with path.open("rb") as file:
        start = file.read(16)
    if start.startswith(parquet.MAGIC) or suffix in {".parquet", ".pq"}:
        return "parquet"
    if start.startswith(arrow.MAGIC) or (suffix in arrow.NAMES):
        return "arrow"
    if start.startswith(excel.MAGICS) and (suffix in excel.NAMES or _is_workbook(path)):
        return "excel"
    return "arrow" if start.startswith(arrow.STREAM_MAGIC) else ""


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.startswith("xl/workbook") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return False


@contextmanager
def _unpacked(file: FetchedFile) -> Iterator[tuple[Path, str]]:
    """The file, unpacked when it is a gzip, and the end of its name."""
    with file.path.open("rb") as packed:
        if packed.read(2) != _GZIP:
            yield file.path, suffix_of(file.uri)
            return
    with tempfile.TemporaryDirectory(prefix="millwright-") as folder:
        path = Path(folder) / "file"
        try:
            with gzip.open(file.path, "rb") as source, path.open("wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
        except (OSError, EOFError, zlib.error) as error:
            raise InvalidInputError(
                f"Expected a gzip file in {file.uri}, found a broken one: {one_line(error)}.",
                hint="Was the file copied whole?",
            ) from error
        yield path, suffix_of(file.uri.removesuffix(".gz"))


def suffix_of(uri: str) -> str:
    """The end of a file's name, from its dot, in small letters; of an address without its parameters."""
    path = uri.partition("?")[0] if "://" in uri else uri.replace("\\", "/")
    return PurePosixPath(path).suffix.lower()
