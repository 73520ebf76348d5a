"""Tables in text files: delimited, JSON lines, or an array of JSON objects; what they begin with decides.

Delimited text gives text columns; types come from the contract or are inferred later, so that nothing such as a leading
zero is lost here. JSON keeps the types it has.
"""

from __future__ import annotations

import codecs
import json
import mmap
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.data.sources.delimited import find_separator, read_delimited, scan_delimited
from millwright.data.sources.encoding import to_utf8
from millwright.data.sources.place import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DELIMITED_NAMES = {".csv", ".tsv", ".tab", ".psv"}
TEXT_FORMATS = ("csv", "tsv", "jsonl", "json")
_MAPPED_BYTES = 64 << 20
_CHUNK_BYTES = 1 << 24


def read_text_table(path: Path, uri: str, *, suffix: str, asked: str = "") -> tuple[pl.DataFrame, str]:
    """Parse a text file.

    Args:
        path: Where it lies.
        uri: What messages call it.
        suffix: The end of its name, such as `.csv`.
        asked: One of `TEXT_FORMATS` when the user said which; then neither name nor content decide.

    Returns:
        The rows, and which of `TEXT_FORMATS` it was.

    Raises:
        InvalidInputError: The bytes are no such table.
    """
    with _utf8(path, uri) as (text, mapped):
        start = text[:1024].lstrip()
        if not start and not text[:].strip():
            raise InvalidInputError(f"Expected a table in {uri}, found only blanks.", hint="Give a file with rows.")
        kind = asked or _kind(start, suffix)
        if kind == "json":
            return _json_array(text, uri), kind
        if kind == "jsonl":
            return _json_lines(text, uri, mapped), kind
        preferred = "\t" if suffix in {".tsv", ".tab"} or kind == "tsv" else ","
        separator = find_separator(text, preferred=preferred)
        if separator is None:
            if suffix not in DELIMITED_NAMES and not asked:
                raise InvalidInputError(
                    f"Expected a table in {uri} (CSV, TSV, Parquet, JSON lines or JSON), found text in a single "
                    "column.",
                    hint="If it is a table of one column, name the file .csv.",
                )
            separator = preferred
        frame = read_delimited(text, separator, uri, mapped=mapped)
        return frame, "tsv" if separator == "\t" else "csv"


def scan_text_table(path: Path, uri: str, *, suffix: str, asked: str = "") -> tuple[pl.LazyFrame, str] | None:
    """A large delimited text file, lazily; None for any other, which `read_text_table` reads.

    Args:
        path: Where it lies.
        uri: What messages call it.
        suffix: The end of its name, such as `.csv`.
        asked: One of `TEXT_FORMATS` when the user said which.
    """
    with _utf8(path, uri) as (text, mapped):
        kind = asked or _kind(text[:1024].lstrip(), suffix)
        if mapped is None or kind in {"json", "jsonl"}:
            return None
        preferred = "\t" if suffix in {".tsv", ".tab"} or kind == "tsv" else ","
        separator = find_separator(text, preferred=preferred)
        if separator is None:
            return None
        rows = scan_delimited(text, separator, mapped)
        return None if rows is None else (rows, "tsv" if separator == "\t" else "csv")


def _kind(start: bytes, suffix: str) -> str:
    if suffix not in DELIMITED_NAMES:
        if start.startswith(b"["):
            return "json"
        if start.startswith(b"{"):
            return "jsonl"
    return ""


@contextmanager
def _utf8(path: Path, uri: str) -> Iterator[tuple[bytes, Path | None]]:
    """The text as UTF-8 bytes; of large files that are so already, a map of the file, and the file."""
    if path.stat().st_size > _MAPPED_BYTES and _is_plain_utf8(path):
        with path.open("rb") as file:
            text: Any = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)  # goes with its last reader
            to_utf8(text[:_CHUNK_BYTES].rpartition(b"\n")[0], uri)  # refuses web pages and the like
            yield text, path
        return
    yield to_utf8(path.read_bytes(), uri), None


def _is_plain_utf8(path: Path) -> bool:
    """Whether the bytes can be parsed as they are: UTF-8, not marked, and its lines end in line feeds."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    feeds = False
    with path.open("rb") as file:
        try:
            for position in range(1 << 62):
                chunk = file.read(_CHUNK_BYTES)
                if not chunk:
                    decoder.decode(b"", final=True)
                    return feeds
                if b"\0" in chunk or (position == 0 and chunk.startswith(codecs.BOM_UTF8)):
                    return False
                feeds = feeds or b"\n" in chunk
                decoder.decode(chunk)
        except UnicodeDecodeError:
            pass
    return False


def _json_lines(text: bytes, uri: str, mapped: Path | None) -> pl.DataFrame:
    try:
        return pl.read_ndjson(mapped or text[:], infer_schema_length=None)
    except pl.exceptions.PolarsError as error:
        try:  # one object over several lines is JSON, but no table
            single = isinstance(json.loads(text[:]), dict)
        except ValueError:
            single = False
        found = "a single object" if single else f"something else: {one_line(error)}"
        raise InvalidInputError(
            f"Expected JSON lines in {uri}, each an object with the same fields, found {found}.",
            hint="Write one object a line, or an array of objects.",
        ) from error


def _json_array(text: bytes, uri: str) -> pl.DataFrame:
    try:
        rows: Any = json.loads(text[:])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise InvalidInputError(
                f"Expected an array of objects in {uri}, found an array that holds something else.",
                hint='Write it as [{"column": value, …}, …].',
            )
        return pl.DataFrame(rows, infer_schema_length=None)
    except (ValueError, TypeError, pl.exceptions.PolarsError) as error:
        raise InvalidInputError(
            f"Expected a JSON array of objects with the same fields in {uri}, found something else: {one_line(error)}.",
            hint="Check the file with a JSON validator.",
        ) from error
