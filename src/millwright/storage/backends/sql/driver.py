"""Statements as the drivers take them, for the paths that are called thousands of times a second.

SQLAlchemy's own execution costs 50 to 200 µs a statement, where SQLite needs 5. Statements here are texts with `?` for
each value, the same for both databases; everything else (connections, transactions, errors) stays with `Database`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from millwright.storage.backends.sql.failure import refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection


def is_sqlite(connection: Connection) -> bool:
    """Whether the connection is to a SQLite file; otherwise it is to PostgreSQL."""
    return connection.dialect.name == "sqlite"


def run(connection: Connection, statement: str, values: Sequence[Any] = ()) -> Any:
    """Execute a statement; gives the driver's cursor, whose rows are tuples of plain values."""
    driver: Any = connection.connection.driver_connection
    text = statement if is_sqlite(connection) else _for_psycopg(statement)
    try:
        return driver.execute(text, values)
    except (UnicodeError, OverflowError) as error:
        raise refused(error) or error from error


def run_plain(connection: Connection, text: str) -> None:
    """Execute a text without values as it stands; for PostgreSQL it may hold several statements."""
    driver: Any = connection.connection.driver_connection
    driver.execute(text)


def run_many(connection: Connection, statement: str, rows: Iterable[Sequence[Any]]) -> int:
    """Execute a statement for each row of values.

    Returns:
        How many rows of the table were changed in all.
    """
    driver: Any = connection.connection.driver_connection
    cursor = driver.cursor()
    try:
        cursor.executemany(statement if is_sqlite(connection) else _for_psycopg(statement), rows)
        return int(cursor.rowcount)
    except (UnicodeError, OverflowError) as error:
        raise refused(error) or error from error
    finally:
        cursor.close()


def marks(count: int) -> str:
    """So many `?`, with commas."""
    return ",".join("?" * count)


@cache
def _for_psycopg(statement: str) -> str:
    return statement.replace("%", "%%").replace("?", "%s")
