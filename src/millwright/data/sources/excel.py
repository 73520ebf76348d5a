"""Excel and OpenDocument workbooks: one sheet of one."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.core.errors import InvalidInputError, MissingExtraError, closest
from millwright.data.sources.place import one_line

if TYPE_CHECKING:
    from pathlib import Path

NAMES = {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"}
MAGICS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def read_excel(path: Path, uri: str, sheet: str = "") -> pl.DataFrame:
    """The rows of a sheet; its first row that holds anything gives the columns' names.

    Cells keep the types that they have in the workbook, where a column has one; columns of several types become text,
    and columns of whole numbers Int64.

    Args:
        path: Where the workbook lies.
        uri: What messages call it.
        sheet: The sheet's name, or its position from 1; empty: the only sheet that holds anything.

    Raises:
        InvalidInputError: The file is no workbook, has no such sheet, or more than one and none was named.
        MissingExtraError: fastexcel is not installed.
    """
    try:
        import fastexcel
    except ImportError as error:
        raise MissingExtraError("fastexcel", "excel") from error
    logging.getLogger("fastexcel").setLevel(logging.ERROR)  # it warns of each column of several types
    try:
        book = fastexcel.read_excel(str(path))
    except fastexcel.FastExcelError as error:
        raise _broken(uri, error) from error
    try:
        if sheet:
            return _frame(book, _named(book.sheet_names, sheet, uri))
        filled = [(name, frame) for name in book.sheet_names if (frame := _frame(book, name)).width]
    except fastexcel.FastExcelError as error:
        raise _broken(uri, error) from error
    if not filled:
        raise InvalidInputError(f"Expected a table in {uri}, found only empty sheets.", hint="Give a sheet with rows.")
    if len(filled) > 1:
        raise InvalidInputError(
            f"Expected one sheet with a table in {uri}, found {len(filled)}: {_listed(name for name, _ in filled)}.",
            hint="Name one with --sheet.",
        )
    return filled[0][1]


def _named(names: list[str], sheet: str, uri: str) -> str:
    if sheet in names:
        return sheet
    if sheet.isascii() and sheet.isdigit() and 1 <= int(sheet) <= len(names):
        return names[int(sheet) - 1]
    raise InvalidInputError(f"There is no sheet '{sheet}' in {uri}.", hint=closest(sheet, names))


def _frame(book: Any, name: str) -> pl.DataFrame:
    # The whole column decides its type: by default the first 1,000 rows do, and later ones become null.
    frame: pl.DataFrame = book.load_sheet(name, schema_sample_rows=None).to_polars()
    return frame.with_columns(_integers(column) for column in frame.get_columns() if column.dtype.is_float())


def _integers(column: pl.Series) -> pl.Series:
    """Whole numbers as such: a workbook knows floats only, and `1` is an id more often than `1.0`."""
    given = column.drop_nulls()
    is_whole = given.len() > 0 and given.is_finite().all() and ((given == given.round()) & (given.abs() < 2**53)).all()
    return column.cast(pl.Int64) if is_whole else column


def _listed(names: Any) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _broken(uri: str, error: Exception) -> InvalidInputError:
    return InvalidInputError(
        f"Expected an Excel or OpenDocument workbook in {uri}, found something else or a part of one: "
        f"{one_line(error)}.",
        hint="Was the file copied whole, and is it free of a password?",
    )
