"""Brings a database to the tables that this Millwright knows, and refuses newer ones.

Alembic is loaded only for a database of an older version: of one that is up to date a comparison of one row with `HEAD`
tells, and an empty one gets its tables from their declarations at once, which a test holds equal to the migrations.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from millwright.core.errors import StorageError, StoreVersionError
from millwright.storage.backends.sql import driver
from millwright.storage.backends.sql.column import METADATA, declare_rest
from millwright.version import __version__

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from millwright.storage.backends.sql.database import Database

HEAD = "0015"
KNOWN = tuple(f"{number:04d}" for number in range(1, 16))
# Not Alembic's default name: a database that another program keeps with Alembic must not pass for ours.
VERSION_TABLE = "millwright_version"
_LOCK = 0x6D696C6C_76657273  # "millvers": the advisory lock that migrations on PostgreSQL queue for


def bring_up_to_date(database: Database) -> None:
    """Create or migrate the tables if need be; any number of processes may do so at once.

    Raises:
        StoreVersionError: A newer Millwright wrote the database.
        StorageError: It cannot be read or written, or belongs to another program.
    """
    with database.read() as connection:
        if stored_revision(connection) == HEAD:
            return
        _check(database, connection)
    if database.is_sqlite:
        database.use_write_ahead_log()
    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        _check(database, connection)
        stored = stored_revision(connection)
        if stored is None:
            create(connection)
        elif stored != HEAD:
            migrate(connection)


def stored_revision(connection: Connection) -> str | None:
    """The revision that the database is at; None when it has no Millwright tables."""
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    revision: str | None = connection.execute(sa.text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 - a constant
    return revision


def _check(database: Database, connection: Connection) -> None:
    revision = stored_revision(connection)
    if revision is None:
        foreign = sorted(sa.inspect(connection).get_table_names())
        if foreign and database.is_sqlite:
            raise StorageError(
                f"Expected {database.name} to be a Millwright store, found the tables of another program "
                f"({', '.join(foreign[:3])}{', …' if len(foreign) > 3 else ''}).",
                hint="Choose another path for the store.",
            )
        return
    if revision not in KNOWN:
        raise StoreVersionError(
            f"The store {database.name} was written by a newer Millwright (its tables are at revision {revision}; "
            f"this is Millwright {__version__}, which knows revisions up to {HEAD}).",
            hint="Upgrade with: pip install --upgrade millwright",
        )


def create(connection: Connection) -> None:
    """Make all tables of today in an empty database, with their first rows."""
    for statements in _statements_of(connection.dialect.name):
        driver.run_plain(connection, statements)
    add_first_rows(connection)
    connection.execute(sa.text(f"INSERT INTO {VERSION_TABLE} VALUES (:head)"), {"head": HEAD})  # noqa: S608 - a constant


@cache
def _statements_of(dialect: str) -> tuple[str, ...]:
    """What makes all tables, compiled once in a process: that takes longer than to execute it.

    PostgreSQL takes it as one text, with one wait for the server instead of a hundred and more.
    """
    declare_all()
    version = sa.MetaData()
    sa.Table(  # Alembic's, as Alembic makes it
        VERSION_TABLE,
        version,
        sa.Column("version_num", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("version_num", name=f"{VERSION_TABLE}_pkc"),
    )
    found: list[str] = []
    url = "postgresql+psycopg://" if dialect == "postgresql" else "sqlite://"
    compiled_for = sa.make_url(url).get_dialect()()
    engine = sa.create_mock_engine(url, lambda made, *_, **__: found.append(str(made.compile(dialect=compiled_for))))
    for tables in (METADATA, version):
        tables.create_all(engine, checkfirst=False)
    return tuple(found) if dialect == "sqlite" else (";".join(found),)


def add_first_rows(connection: Connection) -> None:
    """Add the rows that every database has from the beginning: a table gives its own as `info["first_rows"]`."""
    for table in METADATA.sorted_tables:
        if "first_rows" in table.info:
            rows = table.info["first_rows"]()
            driver.run_many(
                connection,
                f"INSERT INTO {table.name} ({', '.join(rows[0])}) VALUES ({driver.marks(len(rows[0]))})",  # noqa: S608
                [tuple(row.values()) for row in rows],
            )


def declare_all() -> None:
    """Import every module that declares tables, so that `METADATA` knows them all."""
    package = __name__.rpartition(".")[0]
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if module.name.endswith("_table"):
            import_module(f"{package}.{module.name}")
    declare_rest()


def migrate(connection: Connection) -> None:
    """Run the migrations that a database lacks; all of them on an empty one."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["version_table"] = VERSION_TABLE
    command.upgrade(config, "head")
