"""Rows as Arrow, by ADBC, where there is a driver for the database: several times as fast as row by row."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import URL

# Types that come out as they do row by row, but for their width. Float32 is none of them: 0.1 is another number there.
_INTEGERS = ("int8", "int16", "int32", "int64")
_SAME = {"bool", "string", "binary", "date32[day]", "double", "timestamp[us]", "timestamp[us, tz=UTC]", *_INTEGERS}


def read_arrow(url: URL, statement: str, on_rows: Callable[[int], None]) -> pl.DataFrame | None:
    """The rows of a statement without parameters.

    Args:
        url: Of the database, opened for reading only.
        statement: In the database's own SQL.
        on_rows: Told how many rows more have come.

    Returns:
        None where there is no driver, or the statement's columns are not of types that drivers of both kinds give
        alike, or anything fails: SQLAlchemy then reads them, or says what is wrong.
    """
    opened = _driver(url)
    if opened is None:
        return None
    driver, address = opened
    told = 0
    try:
        with driver.connect(address) as connection, connection.cursor() as cursor:
            if url.get_backend_name() == "postgresql":
                cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
                connection.commit()
            cursor.execute(statement)
            reader = cursor.fetch_record_batch()
            if not all(str(column.type) in _SAME for column in reader.schema):
                return None
            frames = [_frame(reader.schema.empty_table())]
            for batch in reader:
                frames.append(_frame(batch))
                told += batch.num_rows
                on_rows(batch.num_rows)
    except (driver.Error, OSError, ValueError, NotImplementedError, pl.exceptions.PolarsError):
        on_rows(-told)
        return None
    return _as_row_by_row(pl.concat(frames, rechunk=False))


def _frame(arrow: Any) -> pl.DataFrame:
    frame = pl.from_arrow(arrow)
    if not isinstance(frame, pl.DataFrame):
        raise TypeError("Expected record batches from ADBC.")
    return frame


def _as_row_by_row(frame: pl.DataFrame) -> pl.DataFrame:
    """Integers as Int64, and columns of nulls without a type."""
    columns = []
    for column in frame.get_columns():
        if column.null_count() == frame.height:
            columns.append(pl.Series(column.name, [None] * frame.height, dtype=pl.Null))
        else:
            columns.append(column.cast(pl.Int64) if column.dtype.is_integer() else column)
    return pl.DataFrame(columns)


def _driver(url: URL) -> tuple[Any, str] | None:
    """The driver's module and the database's address for it; None where there is none."""
    backend = url.get_backend_name()
    try:
        if backend == "postgresql":
            module = import_module("adbc_driver_postgresql.dbapi")
            return module, url.set(drivername="postgresql").render_as_string(hide_password=False)
        if backend == "sqlite":
            module = import_module("adbc_driver_sqlite.dbapi")
            return module, f"{url.database}?mode=ro"
    except ImportError:
        pass
    return None
