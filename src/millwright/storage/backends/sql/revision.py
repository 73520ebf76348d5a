"""Brings a database to the tables that this Millwright knows, and refuses newer ones.

Alembic is loaded only when there is something to do: a comparison of one row with `HEAD` decides.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from millwright.core.errors import StorageError, StoreVersionError
from millwright.version import __version__

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from millwright.storage.backends.sql.database import Database

HEAD = "0001"
KNOWN = ("0001",)
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
        if stored_revision(connection) != HEAD:
            _migrate(connection)


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


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["version_table"] = VERSION_TABLE
    command.upgrade(config, "head")
