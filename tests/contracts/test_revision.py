"""Bringing databases up to date, on SQLite and PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from millwright.core.errors import InvalidInputError, StorageError, StoreVersionError
from millwright.storage.backends.sql import revision
from millwright.storage.backends.sql.column import METADATA
from millwright.storage.backends.sql.database import connect
from millwright.testing import sample

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from millwright.storage.backends.sql.database import Database
    from millwright.testing.opener import StoreOpener

for family in ("run", "dataset", "pipeline", "model", "history", "monitor", "endpoint"):
    import_module(f"millwright.storage.backends.sql.{family}_table")


@dataclass(frozen=True)
class DatabaseOpener:
    url: str

    @contextmanager
    def __call__(self) -> Iterator[Database]:
        database = connect(self.url)
        yield database
        database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/new.db"
        return
    import psycopg

    url = request.getfixturevalue("postgres_url")
    name = f"millwright_test_{uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield f"{url.rpartition('/')[0]}/{name}"
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


BRING_UP_TO_DATE = """
import sys
from millwright.storage.backends.sql import database, revision
revision.bring_up_to_date(database.connect(sys.argv[1]))
"""


def test_new_database_is_brought_up_to_date_by_several_processes_at_once(new_url: str) -> None:
    command = [sys.executable, "-c", BRING_UP_TO_DATE, new_url]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(3)]
    assert [process.communicate()[1] for process in processes] == [b""] * 3
    with DatabaseOpener(new_url)() as database, database.read() as connection:
        assert revision.stored_revision(connection) == revision.HEAD


def test_migrations_make_the_columns_and_indexes_that_the_stores_use(new_url: str) -> None:
    with DatabaseOpener(new_url)() as database:
        revision.bring_up_to_date(database)
        with database.read() as connection:
            migrated = described(sa.inspect(connection))
        with database.write() as connection:
            for table in (*METADATA.sorted_tables[::-1], sa.table(revision.VERSION_TABLE)):
                connection.exec_driver_sql(f"DROP TABLE {table.name}")
            METADATA.create_all(connection)
        with database.read() as connection:
            assert migrated == described(sa.inspect(connection))


def described(inspector: Any) -> dict[str, Any]:
    return {
        table: (
            sorted(
                (c["name"], str(c["type"]), str(c.get("identity")), c["nullable"]) for c in inspector.get_columns(table)
            ),
            inspector.get_pk_constraint(table)["constrained_columns"],
            sorted((i["name"], i["column_names"]) for i in inspector.get_indexes(table)),
            sorted((u["name"], u["column_names"]) for u in inspector.get_unique_constraints(table)),
            sorted((f["name"], f["constrained_columns"]) for f in inspector.get_foreign_keys(table)),
        )
        for table in inspector.get_table_names()
        if table != revision.VERSION_TABLE
    }


def test_store_of_a_newer_version_is_refused(new_url: str) -> None:
    with DatabaseOpener(new_url)() as database:
        revision.bring_up_to_date(database)
        version = sa.table(revision.VERSION_TABLE, sa.column("version_num"))
        with database.write() as connection:
            connection.execute(sa.update(version), {"version_num": "0999"})
        with pytest.raises(StoreVersionError, match=r"newer Millwright.*0999"):
            revision.bring_up_to_date(database)


@pytest.mark.postgres
def test_connections_that_the_server_closed_are_replaced(postgres_url: str, place: StoreOpener) -> None:
    with place() as stores:
        stores.endpoints.put(sample.endpoint())
        with DatabaseOpener(postgres_url)() as database, database.write() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        assert stores.endpoints.find("delay") is not None


@pytest.mark.postgres
def test_text_that_postgresql_cannot_hold_is_refused_as_bad_input(postgres_url: str) -> None:
    database = connect(postgres_url)
    statement = sa.text("SELECT :x")
    for text in ("a\0b", "\ud800"):
        with pytest.raises(InvalidInputError), database.write() as connection:
            connection.execute(statement, {"x": text})
    database.close()


@pytest.mark.postgres
def test_unknown_database_is_an_error_that_names_it(postgres_url: str) -> None:
    url = f"{postgres_url.rpartition('/')[0]}/millwright_nowhere"
    with pytest.raises(StorageError, match="millwright_nowhere"), connect(url).read():
        pass
