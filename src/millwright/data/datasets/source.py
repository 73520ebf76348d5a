"""Sources: files and URLs that hold a table, read as they are.

Text formats without types (CSV and its kin) give text columns; types come from the contract or are inferred later, so
that nothing such as a leading zero is lost here. Parquet and JSON keep the types they have.
"""

from __future__ import annotations

import gzip
import io
import json
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import polars as pl

from millwright.core.digest import digest_bytes
from millwright.core.errors import InvalidInputError, MissingExtraError, StorageError, closest
from millwright.core.ids import Digest
from millwright.data.datasets.delimited import find_separator, read_delimited
from millwright.data.datasets.encoding import to_utf8
from millwright.data.datasets.header import clean_headers

_DELIMITED_NAMES = {".csv", ".tsv", ".tab", ".psv"}
_GZIP = b"\x1f\x8b"
_PARQUET = b"PAR1"
_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class SourceTable:
    """A table as its source has it.

    Attributes:
        frame: The rows, with clean column names.
        uri: Where it came from, as the user named it.
        digest: Of the source's bytes.
        format: `csv`, `tsv`, `parquet`, `jsonl` or `json`.
    """

    frame: pl.DataFrame
    uri: str
    digest: Digest
    format: str


@dataclass(frozen=True, slots=True)
class RawSource:
    """A source's bytes, not yet looked at.

    Attributes:
        uri: Where they came from, as the user named it.
        digest: Of the bytes.
    """

    uri: str
    data: bytes
    digest: Digest


def read_source(source: str) -> SourceTable:
    """Read a table from a file or URL.

    Args:
        source: A path, an `http(s)://` address or any URL that fsspec knows (`s3://…`).

    Raises:
        InvalidInputError: There is no such file, it is a folder, it is empty, it is no table, it has no rows, or its
            lines differ in their number of fields.
        MissingExtraError: The library for that kind of URL is not installed.
        StorageError: The URL cannot be reached.
    """
    return table_of(open_source(source))


def open_source(source: str) -> RawSource:
    """Fetch a source's bytes and their digest, without parsing. Raises as `read_source` does."""
    data = _download(source) if "://" in source else _file(source)
    if not data:
        raise InvalidInputError(f"Expected a table in {source}, found an empty file.", hint="Give a file with rows.")
    return RawSource(source, data, digest_bytes(data))


def table_of(source: RawSource) -> SourceTable:
    """Parse a source's bytes; what they begin with decides how, and the file's name where that is not enough.

    Raises:
        InvalidInputError: The bytes are no table, or hold no rows.
    """
    uri, suffix, data = source.uri, _suffix(source.uri), source.data
    if data.startswith(_GZIP):
        data, suffix = _unpacked(data, uri), _suffix(uri.removesuffix(".gz"))
    if data.startswith(_PARQUET) or suffix == ".parquet":
        frame, kind = _parquet(data, uri), "parquet"
    else:
        frame, kind = _text_table(to_utf8(data, uri), suffix, uri)
    if frame.height == 0 or frame.width == 0:
        raise InvalidInputError(f"Expected rows in {uri}, found a table without any.", hint="Give a file with rows.")
    frame.columns = clean_headers(frame.columns)
    return SourceTable(frame, uri, source.digest, kind)


def _text_table(text: bytes, suffix: str, uri: str) -> tuple[pl.DataFrame, str]:
    start = text[:1024].lstrip()
    if not start and not text.strip():
        raise InvalidInputError(f"Expected a table in {uri}, found only blanks.", hint="Give a file with rows.")
    if suffix not in _DELIMITED_NAMES:
        if start.startswith(b"["):
            return _json_array(text, uri), "json"
        if start.startswith(b"{"):
            return _json_lines(text, uri), "jsonl"
    preferred = "\t" if suffix in {".tsv", ".tab"} else ","
    separator = find_separator(text, preferred=preferred)
    if separator is None:
        if suffix not in _DELIMITED_NAMES:
            raise InvalidInputError(
                f"Expected a table in {uri} (CSV, TSV, Parquet, JSON lines or JSON), found text in a single column.",
                hint="If it is a table of one column, name the file .csv.",
            )
        separator = preferred
    return read_delimited(text, separator, uri), "tsv" if separator == "\t" else "csv"


def _parquet(data: bytes, uri: str) -> pl.DataFrame:
    try:
        return pl.read_parquet(io.BytesIO(data))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InvalidInputError(
            f"Expected a Parquet file in {uri}, found something else or a part of one: {_line(error)}.",
            hint="Was the file copied whole?",
        ) from error


def _json_lines(text: bytes, uri: str) -> pl.DataFrame:
    try:
        return pl.read_ndjson(io.BytesIO(text), infer_schema_length=None)
    except pl.exceptions.PolarsError as error:
        try:  # one object over several lines is JSON, but no table
            single = isinstance(json.loads(text), dict)
        except ValueError:
            single = False
        found = "a single object" if single else f"something else: {_line(error)}"
        raise InvalidInputError(
            f"Expected JSON lines in {uri}, each an object with the same fields, found {found}.",
            hint="Write one object a line, or an array of objects.",
        ) from error


def _json_array(text: bytes, uri: str) -> pl.DataFrame:
    try:
        rows: Any = json.loads(text)
        if not all(isinstance(row, dict) for row in rows):
            raise InvalidInputError(
                f"Expected an array of objects in {uri}, found an array that holds something else.",
                hint='Write it as [{"column": value, …}, …].',
            )
        return pl.DataFrame(rows, infer_schema_length=None)
    except (ValueError, TypeError, pl.exceptions.PolarsError) as error:
        raise InvalidInputError(
            f"Expected a JSON array of objects with the same fields in {uri}, found something else: {_line(error)}.",
            hint="Check the file with a JSON validator.",
        ) from error


def _file(source: str) -> bytes:
    path = Path(source).expanduser()
    try:
        return path.read_bytes()
    except IsADirectoryError as error:
        raise InvalidInputError(
            f"Expected a file, found the folder {source}.",
            hint=closest(path.name, [entry.name for entry in path.iterdir() if entry.is_file()])
            or "The folder is empty.",
        ) from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InvalidInputError(f"There is no file {source}.", hint=_nearby(path)) from error
    except (OSError, ValueError) as error:
        raise InvalidInputError(
            f"Cannot read the file {source}: {getattr(error, 'strerror', None) or error}.",
            hint="Check the path and its permissions.",
        ) from error


def _nearby(path: Path) -> str:
    try:
        return closest(path.name, [entry.name for entry in path.parent.iterdir()]) or "Its folder is empty."
    except OSError:
        return f"There is no folder {path.parent} either."


def _download(url: str) -> bytes:
    import fsspec

    try:
        if urlsplit(url).scheme in {"http", "https"}:
            return _fetch(url)
        with fsspec.open(url, "rb") as file:
            return bytes(file.read())
    except ImportError as error:
        scheme = urlsplit(url).scheme
        raise MissingExtraError(f"the fsspec file system for {scheme}://", scheme) from error
    except FileNotFoundError as error:
        raise InvalidInputError(f"There is no file {url}.", hint="Check the address.") from error
    except OSError as error:
        raise StorageError(f"Cannot read {url}: {_line(error)}.", hint="Check the address and the network.") from error
    except ValueError as error:
        raise InvalidInputError(
            f"Expected a path or a URL of a kind that fsspec knows, found {url}.", hint=f"{_line(error)}."
        ) from error


def _fetch(url: str) -> bytes:
    # fsspec's own HTTP file system needs aiohttp, which nothing else here does.
    from urllib.request import urlopen

    with urlopen(url, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - the scheme was checked
        return bytes(answer.read())


def _unpacked(data: bytes, uri: str) -> bytes:
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise InvalidInputError(
            f"Expected a gzip file in {uri}, found a broken one: {_line(error)}.", hint="Was the file copied whole?"
        ) from error


def _suffix(uri: str) -> str:
    path = uri.partition("?")[0] if "://" in uri else uri.replace("\\", "/")
    return PurePosixPath(path).suffix.lower()


def _line(error: Exception) -> str:
    """An error's text in one line, short enough to read."""
    return " ".join(str(error).split())[:200].rstrip(".")
