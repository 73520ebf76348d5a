"""Tables from delimited text: CSV, TSV and their kin, every value kept as the text that it is.

Polars parses the file when a count of its fields says that every record is whole. Files with quotes in unusual places
go through the standard library's reader, which is slower and forgives more.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.data.sources.header import clean_headers
from millwright.data.sources.record_scan import scan_records

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

SEPARATORS = (",", "\t", ";", "|")
_SAMPLE_BYTES = 1 << 16
_SAMPLE_RECORDS = 200
_SHOWN_LINES = 5
_END = "\x00"  # in no text file: a line behind the last one, which an unclosed quote would swallow
_Records = list[tuple[int, list[str]]]  # line number in the file, fields


def find_separator(data: bytes, *, preferred: str = ",") -> str | None:
    """The separator that cuts most of the first records into as many fields as the first one has.

    Args:
        data: UTF-8 text.
        preferred: Taken when it does as well as others.

    Returns:
        One of `SEPARATORS`; None when no separator gives two or more columns.
    """
    sample = data[:_SAMPLE_BYTES].decode(errors="ignore")
    if len(data) > _SAMPLE_BYTES:
        sample = sample.rpartition("\n")[0]
    best, best_score = None, (0.0, 0)
    for separator in sorted(SEPARATORS, key=lambda one: one != preferred):
        counts = [len(record) for record in islice(_lenient(sample, separator), _SAMPLE_RECORDS)]
        if not counts or counts[0] < 2:
            continue
        score = (round(Counter(counts)[counts[0]] / len(counts), 2), counts[0])
        if score > best_score:
            best, best_score = separator, score
    return best


def read_delimited(data: bytes, separator: str, uri: str, *, mapped: Path | None = None) -> pl.DataFrame:
    """Parse delimited text with a header; blank lines are no rows.

    Args:
        data: UTF-8 text, or a map of a file of it.
        separator: One character.
        uri: The file's name, for messages.
        mapped: That file: Polars reads it from there, so that its bytes need not be in memory.

    Returns:
        One String column per header field; a field with nothing in it is null. Nothing else is changed: leading zeros
        and blanks stay.

    Raises:
        InvalidInputError: There are no rows, or records differ in their number of fields (the lines are named), or a
            quote is never closed.
    """
    scan = scan_records(data, separator)
    filled = np.flatnonzero(~scan.blank)
    if not len(filled):
        raise InvalidInputError(f"Expected a table in {uri}, found only blank lines.", hint="Give a file with rows.")
    first = int(filled[0])
    even = bool((scan.fields[filled] == scan.fields[first]).all())
    if even and len(filled) > 1 and not scan.odd:
        frame = _parsed(data, separator, rows=len(scan.fields) - first - 1, mapped=mapped)
        if frame is not None and frame.width == scan.fields[first]:
            return frame if len(filled) == len(scan.fields) else frame.filter(~scan.blank[first + 1 :])
    records = _whole_records(data[:].decode(), separator, uri)
    if len(records) < 2:
        raise InvalidInputError(
            f"Expected rows in {uri}, found a header and nothing below it.", hint="Give a file with rows."
        )
    names = clean_headers(records[0][1])
    columns = zip(*(fields for _, fields in records[1:]), strict=True)
    return pl.DataFrame(
        {name: pl.Series(name, list(values), dtype=pl.String) for name, values in zip(names, columns, strict=True)}
    ).with_columns(pl.all().replace("", None))


def _parsed(data: bytes, separator: str, rows: int, mapped: Path | None) -> pl.DataFrame | None:
    """The table as Polars reads it; None when Polars refuses it or counts other rows."""
    try:
        frame = pl.read_csv(mapped or data, separator=separator, infer_schema=False)
    except pl.exceptions.PolarsError:
        return None
    if frame.height != rows:
        return None
    header = next(_lenient(_first_lines(data), separator))
    if len(header) != frame.width:
        return None
    frame.columns = clean_headers(header)
    return frame


def scan_delimited(data: bytes, separator: str, mapped: Path) -> pl.LazyFrame | None:
    """The table of `read_delimited`, lazily: Polars reads it in batches.

    Args:
        data: A map of the file.
        separator: One character.
        mapped: The file, of UTF-8 text.

    Returns:
        None when the file has blank lines, uneven records or quotes in unusual places: it has to be read whole.
    """
    scan = scan_records(data, separator)
    if not len(scan.fields) or scan.odd or scan.blank.any() or (scan.fields != scan.fields[0]).any():
        return None
    header = next(_lenient(_first_lines(data), separator))
    rows, width = len(scan.fields) - 1, int(scan.fields[0])
    del scan
    lazy = pl.scan_csv(mapped, separator=separator, infer_schema=False)
    try:
        names = lazy.collect_schema().names()
        if len(names) != width or len(header) != width:
            return None
        if lazy.select(pl.len()).collect(engine="streaming").item() != rows:
            return None
    except pl.exceptions.PolarsError:
        return None
    return lazy.rename(dict(zip(names, clean_headers(header), strict=True)))


def _first_lines(data: bytes) -> str:
    """The sample of the file's beginning, up to the end of a line; a header is taken to fit in it."""
    end = data.find(b"\n", _SAMPLE_BYTES)
    return (data[:] if end < 0 else data[:end]).decode(errors="ignore")


def _whole_records(text: str, separator: str, uri: str) -> _Records:
    records = _numbered(text, separator, uri, skip_blanks=False)
    if uneven := _uneven(records):
        # `"a", "b, c"`: with the blank kept, the quote does not open a quoted field.
        records = _numbered(text, separator, uri, skip_blanks=True)
        if _uneven(records):
            raise _ragged(uneven, len(records[0][1]), uri)
    return records


def _numbered(text: str, separator: str, uri: str, *, skip_blanks: bool) -> _Records:
    reader = csv.reader(io.StringIO(f"{text}\n{_END}", newline=""), delimiter=separator, skipinitialspace=skip_blanks)
    records: _Records = []
    last = 0
    try:
        for fields in reader:
            if fields:
                records.append((last + 1, fields))
            last = reader.line_num
    except csv.Error as error:
        raise InvalidInputError(
            f"Cannot read {uri} from line {last + 1} on: {error}.", hint="Is a quote opened there and never closed?"
        ) from error
    line, fields = records.pop()
    if fields != [_END]:
        raise InvalidInputError(
            f"Expected every quote in {uri} to be closed, found one in the record from line {line} on that is not.",
            hint="Close it, or write quotes inside quoted values twice.",
        )
    return records


def _uneven(records: _Records) -> _Records:
    return [record for record in records if len(record[1]) != len(records[0][1])]


def _ragged(uneven: Sequence[tuple[int, list[str]]], expected: int, uri: str) -> InvalidInputError:
    shown = ", ".join(f"line {line} has {len(fields)}" for line, fields in uneven[:_SHOWN_LINES])
    more = f" and {len(uneven) - _SHOWN_LINES:,} more lines differ" if len(uneven) > _SHOWN_LINES else ""
    return InvalidInputError(
        f"Expected {expected} fields in every line of {uri}, as in its header; {shown}{more}.",
        hint="A value that holds the separator or a line break must stand in double quotes.",
        details={"expected": expected, "lines": [line for line, _ in uneven[:100]], "count": len(uneven)},
    )


def _lenient(text: str, separator: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error:
            continue
        if record:
            yield record
