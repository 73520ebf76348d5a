"""Databases: a table or a query of any that SQLAlchemy has a dialect for."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.core.credential import without_credentials
from millwright.core.digest import digest_bytes
from millwright.core.errors import InvalidInputError
from millwright.data.sources.header import clean_headers
from millwright.data.sources.request import OpenedSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.core.progress import ProgressTask
    from millwright.data.sources.request import SourceOptions

_SHOWN_TABLES = 10


@contextmanager
def open_sql(source: str, options: SourceOptions) -> Iterator[OpenedSource]:
    """A table or query; see `read_sql`."""
    _check(source, options)
    yield OpenedSource(
        uri=sql_uri(source, options), digest=None, load=lambda task: (read_sql(source, options, task), "sql")
    )


def read_sql(
    source: str, options: SourceOptions, task: ProgressTask, *, column: str = "", least: Any = None
) -> pl.DataFrame:
    """The rows of a table or query.

    Their order is that of the query's ORDER BY, the table's primary key, or the cursor column; rows that a database
    gives in no certain order are sorted by all their columns, so that the same rows are the same table again.

    Args:
        source: The database's URL.
        options: Names the table or has the query.
        task: Told of the rows as they come.
        column: A cursor column: the rows come in its order.
        least: Only rows whose value there is this or more, and those without one.

    Raises:
        InvalidInputError: Neither or both are given, the table is not there, or the query fails.
        MissingExtraError: The driver is not installed.
        StorageError: The database cannot be reached.
    """
    from millwright.storage.query import Query, read_query

    _check(source, options)
    query = Query(url=source, query=options.query, table=options.table, column=column, least=least)
    frame, is_ordered = read_query(query, task.advance)
    frame.columns = clean_headers(frame.columns)
    sortable = [name for name, dtype in frame.schema.items() if not dtype.is_nested() and dtype != pl.Null]
    if column and column in frame.columns:  # ties are in no order
        return frame.sort([column, *(name for name in sortable if name != column)], maintain_order=True)
    return frame if is_ordered or not sortable else frame.sort(sortable, maintain_order=True)


def sql_uri(source: str, options: SourceOptions) -> str:
    """What records call it: the URL without credentials, and the table, or the start of the query's digest."""
    name = f"table={options.table}" if options.table else f"query={digest_bytes(options.query.encode())[:12]}"
    return f"{without_credentials(source)}#{name}"


def _check(source: str, options: SourceOptions) -> None:
    if options.query and options.table:
        raise InvalidInputError("Expected a query or a table, found both.", hint="Leave one out.")
    if not options.query and not options.table:
        from millwright.storage.query import table_names

        names = table_names(source)
        shown = ", ".join(names[:_SHOWN_TABLES]) + (", …" if len(names) > _SHOWN_TABLES else "")
        raise InvalidInputError(
            f"Expected a table or a query of {without_credentials(source)}, found neither.",
            hint=f"Name a table with --table ({shown}), or give --query." if names else "There are no tables in it.",
        )
