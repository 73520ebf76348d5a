"""Writing rows to other people's databases: all rows of a job in one transaction, once."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec
import polars as pl
import sqlalchemy as sa

from millwright.core.credential import without_credentials
from millwright.core.errors import AlreadyExistsError, InvalidInputError, closest
from millwright.storage.query import database_errors, open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

_JOBS = "millwright_jobs"
_BATCH_ROWS = 5_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Destination:
    """Where rows go.

    Attributes:
        url: As SQLAlchemy has them; `postgresql://` is written with psycopg 3. A SQLite file is made where none is.
        table: `table` or `schema.table`.
        mode: `append` adds rows to the table, `replace` puts them in place of it; empty: it must not be there yet.
    """

    url: str
    table: str
    mode: str = ""


def check_destination(destination: Destination, job: str) -> None:
    """See whether rows can be written, without writing any.

    Args:
        destination: Where rows are to go.
        job: The job's id; a table that this job itself wrote is no obstacle.

    Raises:
        AlreadyExistsError: The table is there, and nothing was said about its rows.
        InvalidInputError, MissingExtraError, StorageError: As `storage.query.read_query`.
    """
    with _connected(destination.url) as connection:
        _check(connection, destination, job)


def write_rows(destination: Destination, frames: Iterator[pl.DataFrame], job: str) -> bool:
    """Write rows in one transaction, unless this job has done so before.

    In the same transaction the job's id comes into the table `millwright_jobs`, so that a job whose process dies after
    the commit is known to be done. Databases that commit each change of a table's definition by itself (MySQL, Oracle)
    may show an empty table for a while, and keep it when the process dies.

    Integers become BIGINT, floats DOUBLE PRECISION, times keep whether they have a zone; lists and records become JSON
    text.

    Args:
        destination: Where rows go.
        frames: All with the same columns and types, one at least.
        job: The job's id.

    Returns:
        Whether they were written now.

    Raises:
        AlreadyExistsError: The table is there, and nothing was said about its rows.
        InvalidInputError: The table lacks a column, or does not take a value; or the URL is none.
        MissingExtraError: The driver is not installed.
        StorageError: The database cannot be reached.
    """
    with _connected(destination.url) as connection:
        if _is_done(connection, destination, job):
            return False
        _check(connection, destination, job)
        first = next(frames)
        table = _made(connection, destination, first)
        jobs = _jobs(destination)
        jobs.create(connection, checkfirst=True)
        for frame in chain([first], frames):
            _insert(connection, table, frame)
        connection.execute(jobs.insert().values(job=job))
        connection.commit()
    return True


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    """A connection in a transaction, which ends without effect unless it is committed."""
    engine = open_engine(url, writes=True)
    try:
        with database_errors(url), engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                # Its driver begins transactions at the first INSERT only, and tables are made before that.
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
    finally:
        engine.dispose()


def _jobs(destination: Destination) -> sa.Table:
    """Beside the table, where whoever writes that may write."""
    schema = destination.table.rpartition(".")[0] or None
    return sa.Table(_JOBS, sa.MetaData(), sa.Column("job", sa.String(64), primary_key=True), schema=schema)


def _is_done(connection: Connection, destination: Destination, job: str) -> bool:
    jobs = _jobs(destination)
    if not sa.inspect(connection).has_table(_JOBS, jobs.schema):
        return False
    return connection.execute(sa.select(jobs.c.job).where(jobs.c.job == job)).first() is not None


def _check(connection: Connection, destination: Destination, job: str) -> None:
    schema, _, name = destination.table.rpartition(".")
    is_there = sa.inspect(connection).has_table(name, schema or None)
    if is_there and not destination.mode and not _is_done(connection, destination, job):
        raise AlreadyExistsError(
            f"There is a table '{destination.table}' in {without_credentials(destination.url)} already.",
            hint="Say --mode append or --mode replace.",
        )


def _made(connection: Connection, destination: Destination, frame: pl.DataFrame) -> sa.Table:
    """The table that takes frames like this one."""
    schema, _, name = destination.table.rpartition(".")
    is_there = sa.inspect(connection).has_table(name, schema or None)
    if is_there and destination.mode == "append":
        table = sa.Table(name, sa.MetaData(), schema=schema or None, autoload_with=connection)
        missing = [column for column in frame.columns if column not in table.columns]
        if missing:
            raise InvalidInputError(
                f"The table '{destination.table}' has no column '{missing[0]}'"
                + (f" and lacks {len(missing) - 1} more." if len(missing) > 1 else "."),
                hint=closest(missing[0], table.columns.keys()),
                details={"missing": missing},
            )
        return table
    columns = [sa.Column(column, _type(dtype)) for column, dtype in frame.schema.items()]
    table = sa.Table(name, sa.MetaData(), *columns, schema=schema or None)
    if is_there:
        table.drop(connection)
    table.create(connection)
    return table


def _insert(connection: Connection, table: sa.Table, frame: pl.DataFrame) -> None:
    plain = _plain(frame, is_sqlite=connection.dialect.name == "sqlite")
    for part in plain.iter_slices(_BATCH_ROWS):
        connection.execute(table.insert(), part.to_dicts())


def _type(dtype: pl.DataType) -> sa.types.TypeEngine[Any]:
    if dtype.is_integer():
        return sa.BigInteger()
    if isinstance(dtype, pl.Datetime):
        return sa.DateTime(timezone=dtype.time_zone is not None)
    if isinstance(dtype, pl.Decimal):
        return sa.Numeric(dtype.precision or 38, dtype.scale)
    if dtype.is_float():
        return sa.Double()
    simple: dict[Any, sa.types.TypeEngine[Any]] = {
        pl.Boolean: sa.Boolean(),
        pl.Date: sa.Date(),
        pl.Time: sa.Time(),
        pl.Duration: sa.Interval(),
        pl.Binary: sa.LargeBinary(),
    }
    return simple.get(dtype.base_type(), sa.Text())


def _plain(frame: pl.DataFrame, *, is_sqlite: bool) -> pl.DataFrame:
    """Values that drivers know: lists and records as JSON; for SQLite, which has no decimals, floats."""
    changed = []
    for column in frame.get_columns():
        dtype = column.dtype
        if dtype.is_nested():
            texts = [None if value is None else msgspec.json.encode(value).decode() for value in column.to_list()]
            changed.append(pl.Series(column.name, texts, dtype=pl.String))
        elif dtype in (pl.Categorical, pl.Enum):
            changed.append(column.cast(pl.String))
        elif is_sqlite and dtype.is_decimal():
            changed.append(column.cast(pl.Float64))
    return frame.with_columns(changed)
