"""Reading other people's databases: a table or a query as a frame, without changing anything there.

Any database that SQLAlchemy has a dialect for. Where an ADBC driver is installed (`storage.adbc`) and the columns are
of types that both ways give alike, rows come as Arrow; the frame is the same, but that a column of SQLite that mixes
numbers and texts may come as text there, where it is an error otherwise.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import exc

from millwright.core.credential import scrubbed, without_credentials
from millwright.core.errors import InvalidInputError, MillwrightError, MissingExtraError, StorageError, closest
from millwright.storage.adbc import read_arrow
from millwright.storage.query_frame import frame_of, joined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import polars as pl
    from sqlalchemy import Connection

_BATCH_ROWS = 50_000
_READS = re.compile(r"(?:\s|\(|--[^\n]*\n|/\*.*?\*/)*(?:select|with|values|table)\b", flags=re.IGNORECASE | re.DOTALL)
_BIND = re.compile(r"(?<![:\w\\]):(\w+)(?!:)")  # what SQLAlchemy takes for a parameter
_ORDERED = re.compile(r"\border\s+by\b", flags=re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """What to read of a database.

    Attributes:
        url: As SQLAlchemy has them; `postgresql://` is read with psycopg 3.
        query: One SELECT; empty when `table` is given.
        table: `table` or `schema.table`.
        column: The cursor column: the rows come in its order. Empty for none.
        least: Only rows whose value there is this or more, and those without a value; None for all.
    """

    url: str
    query: str = ""
    table: str = ""
    column: str = ""
    least: Any = None


def read_query(query: Query, on_rows: Callable[[int], None]) -> tuple[pl.DataFrame, bool]:
    """Run a query in a transaction that only reads.

    Args:
        query: What to read.
        on_rows: Told how many rows more have come.

    Returns:
        The rows, and whether their order is one that the database was asked for (by the query, the table's primary
        key or the cursor column), or chance. Integers are Int64 and floats Float64, times are microseconds (aware ones
        in UTC), JSON and UUIDs are text, a column of nulls is of type Null.

    Raises:
        InvalidInputError: The URL is none, there is no such table or file, the query fails or does not read only, or
            values of a column have no type together.
        MissingExtraError: The driver for PostgreSQL is not installed.
        StorageError: The database cannot be reached.
    """
    with _reading(query, _BATCH_ROWS) as (connection, statement, is_ordered):
        parameters = {} if query.least is None else {"least": query.least}
        engine = connection.engine
        compiled = str(statement.compile(dialect=engine.dialect)) if not parameters else ""
        frame = read_arrow(engine.url, compiled, on_rows) if compiled else None
        if frame is None:
            frames = []
            for part in _parts(connection, statement, parameters, _BATCH_ROWS):
                frames.append(part)
                on_rows(part.height)
            frame = joined(frames)
        return frame, is_ordered


def read_query_batches(query: Query, batch_rows: int) -> Iterator[pl.DataFrame]:
    """The rows of a query as frames one after the other, in the order in which the database gives them.

    Args:
        query: What to read, without `least`.
        batch_rows: Most rows in one frame.

    Yields:
        Frames as `read_query` gives them, but that each has the types of its own rows: a column may be of nulls in one
        and of numbers in the next. One without rows when there are none.

    Raises:
        InvalidInputError, MissingExtraError, StorageError: As `read_query`.
    """
    with _reading(query, batch_rows) as (connection, statement, _):
        yield from _parts(connection, statement, {}, batch_rows)


@contextmanager
def _reading(query: Query, batch_rows: int) -> Iterator[tuple[Connection, sa.TextClause, bool]]:
    """A connection that reads only, the statement, and whether it says in which order rows come."""
    engine = open_engine(query.url)
    try:
        with database_errors(query.url), engine.connect() as connection:
            statement, is_ordered = _statement(connection, query)
            options = {"stream_results": True, "max_row_buffer": batch_rows}
            if engine.dialect.name == "postgresql":
                options["postgresql_readonly"] = True
            connection.rollback()  # looking at the tables began a transaction
            yield connection.execution_options(**options), statement, is_ordered
    finally:
        engine.dispose()


def _parts(
    connection: Connection, statement: sa.TextClause, parameters: dict[str, Any], batch_rows: int
) -> Iterator[pl.DataFrame]:
    result = connection.execute(statement, parameters)
    names = list(result.keys())
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidInputError(
            f"Expected columns of different names from the query, found '{twice[0]}' more than once.",
            hint="Give one another name with AS.",
        )
    is_empty = True
    for part in result.partitions(batch_rows):
        is_empty = False
        yield frame_of(names, part)
    if is_empty:
        yield frame_of(names, [])


def _statement(connection: Connection, query: Query) -> tuple[sa.TextClause, bool]:
    quoted = connection.dialect.identifier_preparer.quote
    if query.table:
        schema, _, name = query.table.rpartition(".")
        key = _primary_key(connection, query.url, schema or None, name)
        text = f"SELECT * FROM {quoted(schema) + '.' if schema else ''}{quoted(name)}"  # noqa: S608 - quoted names
        order = ", ".join(map(quoted, [query.column] if query.column else key))
    else:
        text = query.query.strip().rstrip(";").strip()
        if not _READS.match(text):
            raise InvalidInputError(
                f"Expected a query that reads (SELECT …), found {text[:60]!r}.", hint="Write it as one SELECT."
            )
        order = quoted(query.column) if query.column else ""
    text = _BIND.sub(r"\\:\1", text)
    if query.column:
        text = f"SELECT * FROM ({text}) AS millwright_source"  # noqa: S608 - what the user asked to run
        if query.least is not None:
            column = quoted(query.column)
            text += f" WHERE {column} >= :least OR {column} IS NULL"
    is_ordered = bool(order) or _ORDERED.search(text) is not None
    return sa.text(f"{text} ORDER BY {order}" if order else text), is_ordered


def _primary_key(connection: Connection, url: str, schema: str | None, table: str) -> list[str]:
    inspector = sa.inspect(connection)
    if not inspector.has_table(table, schema):
        names = [*inspector.get_table_names(schema), *inspector.get_view_names(schema)]
        raise InvalidInputError(
            f"There is no table '{table}' in {without_credentials(url)}.",
            hint=closest(table, names) or "There are no tables in it.",
        )
    return list(inspector.get_pk_constraint(table, schema)["constrained_columns"] or ())


def table_names(url: str) -> list[str]:
    """The tables and views of a database, by name. Raises as `read_query` does."""
    engine = open_engine(url)
    try:
        with database_errors(url), engine.connect() as connection:
            inspector = sa.inspect(connection)
            return sorted([*inspector.get_table_names(), *inspector.get_view_names()])
    finally:
        engine.dispose()


def open_engine(url: str, *, writes: bool = False) -> sa.Engine:
    """Connections to a database, none kept; of SQLite ones that cannot write, unless `writes`.

    Raises:
        InvalidInputError: The URL is none, or there is no such SQLite file to read.
        MissingExtraError: The driver for PostgreSQL is not installed.
    """
    shown = without_credentials(url)
    try:
        parsed = sa.make_url(url)
        if parsed.drivername in {"postgresql", "postgres"}:
            parsed = parsed.set(drivername="postgresql+psycopg")
        if not writes and parsed.get_backend_name() == "sqlite" and parsed.database not in {None, "", ":memory:"}:
            path = Path(str(parsed.database)).expanduser()
            if not path.is_file():
                near = closest(path.name, [file.name for file in path.parent.iterdir()]) if path.parent.is_dir() else ""
                raise InvalidInputError(f"There is no SQLite database {path}.", hint=near or "Check the path.")
            # Opened as any other URL, SQLite would create what is not there.
            parsed = parsed.set(database=f"file:{quote(str(path.absolute()))}", query={"mode": "ro", "uri": "true"})
        return sa.create_engine(parsed, poolclass=sa.NullPool)
    except exc.NoSuchModuleError as error:
        kind = url.partition("://")[0]
        raise InvalidInputError(
            f"Expected the URL of a database that SQLAlchemy knows, found {kind}://….",
            hint="For example postgresql://host/database or sqlite:///file.db; others need their dialect installed.",
        ) from error
    except exc.ArgumentError as error:
        raise InvalidInputError(
            f"Expected a database's URL, found {shown}.", hint="For example postgresql://host/database."
        ) from error
    except ModuleNotFoundError as error:
        if error.name == "psycopg":
            raise MissingExtraError("psycopg", "postgres") from error
        raise InvalidInputError(
            f"Reading {shown} needs the driver {error.name}, which is not installed.",
            hint=f"Install it with: pip install {error.name}",
        ) from error


@contextmanager
def database_errors(url: str) -> Iterator[None]:
    """What goes wrong with a database, in words, without the credentials in its URL."""
    shown = without_credentials(url)
    try:
        yield
    except MillwrightError:
        raise
    except exc.DBAPIError as error:
        reason = " ".join(scrubbed(str(error.orig), url).split())[:300].rstrip(".")
        if error.statement is None or error.connection_invalidated:
            raise StorageError(
                f"Cannot reach the database {shown}: {reason}.",
                hint="Check that it runs, and the host, port, user and password.",
            ) from error
        raise InvalidInputError(f"The query on {shown} failed: {reason}.", hint="Correct it and try again.") from error
    except exc.SQLAlchemyError as error:
        reason = " ".join(scrubbed(str(error), url).split())[:300].rstrip(".")
        raise InvalidInputError(f"Cannot read {shown}: {reason}.", hint="Check the table or query.") from error
