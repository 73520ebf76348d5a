"""Tables as bodies: CSV and JSON lines, to rows and from predictions.

CSV has no types: a field is read as its column's type. An empty field is null; so is `nan`, in any case, in a column of
numbers. `true` and `false`, in any case, are booleans.
"""

from __future__ import annotations

import csv
import io
from math import isfinite, isnan
from typing import TYPE_CHECKING, Any

import msgspec

from millwright.core.errors import MalformedRequestError, closest
from millwright.deployment.realtime.json_body import decode_json
from millwright.deployment.realtime.protocol.instances import NO_TENSORS, row_of
from millwright.deployment.realtime.protocol.tensor_column import refuse_table
from millwright.models.column import ColumnType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from millwright.models.signature import SignatureColumn

CSV = b"text/csv"
CSV_ANSWER = b"text/csv; charset=utf-8"
JSON_LINES = b"application/jsonlines"
JSON_LINES_TYPES = frozenset({JSON_LINES, b"application/x-jsonlines", b"application/jsonl", b"application/x-ndjson"})

_BOOLEANS = {"true": True, "false": False}
_SHOWN_COLUMNS = 20
_lines = msgspec.json.Decoder()
_encoder = msgspec.json.Encoder()


def read_csv(
    body: bytes, columns: Sequence[SignatureColumn], others: Sequence[SignatureColumn] = ()
) -> list[dict[str, Any]]:
    """Rows of a CSV body.

    The first line is a header when it names all columns that are required (any columns, where none is); then its order
    is free. Otherwise there is no header, and each line holds a value for each column, in the signature's order.

    Args:
        body: UTF-8, with or without a byte order mark; lines without a field are skipped.
        columns: The signature's.
        others: What a header may name besides, such as keys by which the server looks features up.

    Returns:
        Rows for the signature's check: what cannot be read as its column's type is left as text.

    Raises:
        MalformedRequestError: Not UTF-8, quotes that do not fit, a header that names half of the columns, or a line
            with too few or too many fields.
        InvalidInputError: A column holds arrays.
    """
    refuse_table({column.name: column for column in columns if column.type is ColumnType.TENSOR}, "CSV")
    lines = [line for line in _csv_lines(body) if line]
    if not lines:
        return []
    names = _header(lines[0], columns, {column.name for column in (*columns, *others)})
    headed = names is not None
    if names is None:
        names = [column.name for column in columns]
    readers = {column.name: _READERS[column.type] for column in (*columns, *others)}
    used = [readers.get(name, _text) for name in names]
    rows = []
    for number, line in enumerate(lines[1:] if headed else lines):
        if len(line) != len(names):
            raise _ragged(line, number, names, headed=headed)
        rows.append({name: read(field) for name, read, field in zip(names, used, line, strict=True)})
    return rows


def read_json_lines(
    body: bytes, names: tuple[str, ...], tensors: Mapping[str, SignatureColumn] = NO_TENSORS
) -> list[Any]:
    """Rows of a body with one JSON value per line: objects, lists of values, or SageMaker's `{"features": […]}`.

    Raises:
        MalformedRequestError: A line is not JSON, or a list of too few or too many values.
    """
    try:
        values = _lines.decode_lines(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        values = [_line(line, number) for number, line in enumerate(body.split(b"\n")) if line.strip()]
    return [row_of(value, number, names, tensors) for number, value in enumerate(values)]


def write_csv(rows: Iterable[Mapping[str, Any]], names: tuple[str, ...]) -> bytes:
    """One line per row, without a header; null is an empty field."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([_field(row[name]) for name in names] for row in rows)
    return text.getvalue().encode()


def write_json_lines(values: Sequence[Any]) -> bytes:
    """One JSON value per line."""
    return _encoder.encode_lines(values)


def _csv_lines(body: bytes) -> Iterable[list[str]]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedRequestError(
            f"Expected CSV in UTF-8, found another byte at byte {error.start}.", details={"byte": error.start}
        ) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise MalformedRequestError(
            f"Expected CSV, found something else in line {reader.line_num}: {error}.",
            hint='Fields are separated by commas; one that holds a comma, a quote or a line break is put in "quotes".',
            details={"line": reader.line_num},
        ) from None


def _header(line: list[str], columns: Sequence[SignatureColumn], known: set[str]) -> list[str] | None:
    """The first line when it is a header; None when it is a row."""
    named = [field for field in line if field in known]
    missing = [column.name for column in columns if column.required and column.name not in named]
    if named and not missing and (len(named) == len(line) or any(column.required for column in columns)):
        twice = [name for name in line if line.count(name) > 1]
        if twice:
            raise MalformedRequestError(f"Expected each column once in the header, found '{twice[0]}' twice.")
        return line
    if 2 * len(named) < len(line) or not named or not missing:
        return None
    # Half of the fields are names of columns: that is no row, but a header with a mistake in it.
    unknown = [field for field in line if field not in known]
    raise MalformedRequestError(
        f"Expected a header that names all columns, or none: '{missing[0]}' is missing.",
        hint=closest(missing[0], unknown) if unknown else f"Without a header, a line holds {len(columns)} values.",
        details={"missing": missing, "unknown": [field[:100] for field in unknown[:_SHOWN_COLUMNS]]},
    )


def _ragged(line: list[str], number: int, names: Sequence[str], *, headed: bool) -> MalformedRequestError:
    shown = ", ".join(names[:_SHOWN_COLUMNS]) + (", …" if len(names) > _SHOWN_COLUMNS else "")
    expected = "as in the header" if headed else "one per column of the model"
    return MalformedRequestError(
        f"Expected {len(names)} fields in each line, {expected}, found {len(line)} in row {number}.",
        hint=f"Their order: {shown}." + ("" if headed else " Or name the columns in the first line."),
        details={"row": number, "expected": len(names), "found": len(line)},
    )


def _line(line: bytes, number: int) -> Any:
    try:
        return decode_json(line)
    except MalformedRequestError as error:
        raise MalformedRequestError(
            f"Line {number + 1}: {error.message}", hint=error.hint, details={**error.details, "line": number + 1}
        ) from None


def _text(field: str) -> Any:
    return field or None


def _number(field: str) -> Any:
    try:
        value = float(field)
    except ValueError:
        return field or None
    if isfinite(value) and "_" not in field:
        return value
    return None if isnan(value) else field  # an infinity stays text, which the check refuses


def _integer(field: str) -> Any:
    try:
        return int(field) if "_" not in field else field
    except ValueError:
        return _number(field)


def _boolean(field: str) -> Any:
    return _BOOLEANS.get(field.strip().lower(), field) if field else None


def _field(value: Any) -> Any:
    return ("true" if value else "false") if value is True or value is False else value


_READERS: Mapping[ColumnType, Callable[[str], Any]] = {
    ColumnType.NUMBER: _number,
    ColumnType.INTEGER: _integer,
    ColumnType.BOOLEAN: _boolean,
    ColumnType.CATEGORY: _text,
    ColumnType.DATE: _text,
    ColumnType.TEXT: _text,
}
