from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from millwright.core.errors import StorageError, StoreVersionError
from millwright.storage.backends.sql import revision
from millwright.storage.backends.sql.column import METADATA
from millwright.storage.backends.sql.database import Database, connect

if TYPE_CHECKING:
    from collections.abc import Iterator

MIGRATIONS = Path(revision.__file__).with_name("migrations") / "versions"
revision.declare_all()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = connect(f"sqlite:///{tmp_path}/x.db")
    yield opened
    opened.close()


def described(inspector: Any) -> dict[str, Any]:
    """Columns, keys and indexes of every table but that of the revision."""
    return {
        table: {
            "columns": {
                c["name"]: (str(c["type"]), c["nullable"], c["primary_key"]) for c in inspector.get_columns(table)
            },
            "indexes": sorted((i["name"], i["column_names"]) for i in inspector.get_indexes(table)),
            "unique": sorted((u["name"], u["column_names"]) for u in inspector.get_unique_constraints(table)),
            "references": sorted((f["name"], f["constrained_columns"]) for f in inspector.get_foreign_keys(table)),
        }
        for table in inspector.get_table_names()
        if table != revision.VERSION_TABLE
    }


def test_migrations_make_the_tables_that_the_stores_use(database: Database) -> None:
    with database.write() as connection:
        revision.migrate(connection)
    declared = sa.create_engine("sqlite://")
    METADATA.create_all(declared)
    with database.read() as connection:
        assert described(sa.inspect(connection)) == described(sa.inspect(declared))
    declared.dispose()


def test_clustered_tables_have_no_row_number(database: Database) -> None:
    with database.write() as connection:
        revision.migrate(connection)
    with database.read() as connection:
        query = "SELECT name FROM sqlite_master WHERE sql LIKE '%WITHOUT ROWID%' ORDER BY name"
        clustered = [
            table.name for table in METADATA.sorted_tables if not table.dialect_options["sqlite"]["with_rowid"]
        ]
        assert list(connection.exec_driver_sql(query).scalars()) == sorted(clustered)
        assert {"metric_points", "run_params", "run_tags", "files"} <= set(clustered)


def test_known_revisions_are_those_of_the_migrations() -> None:
    found = sorted(path.name[:4] for path in MIGRATIONS.glob("*.py"))
    assert tuple(found) == revision.KNOWN
    assert revision.KNOWN[-1] == revision.HEAD
    for path in MIGRATIONS.glob("*.py"):
        assert re.search(rf'^revision = "{path.name[:4]}"$', path.read_text(), re.MULTILINE)


def test_database_is_at_head_once_brought_up_to_date(database: Database) -> None:
    for _ in range(2):
        revision.bring_up_to_date(database)
        with database.read() as connection:
            assert revision.stored_revision(connection) == revision.HEAD
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_database_of_a_newer_version_is_refused_and_left_as_it_is(database: Database) -> None:
    revision.bring_up_to_date(database)
    with database.write() as connection:
        connection.execute(
            sa.update(sa.table(revision.VERSION_TABLE, sa.column("version_num"))), {"version_num": "0999"}
        )
    with pytest.raises(StoreVersionError, match=rf"x\.db.*newer.*0999.*{revision.HEAD}") as caught:
        revision.bring_up_to_date(database)
    assert "pip install --upgrade" in caught.value.hint
    with database.read() as connection:
        assert revision.stored_revision(connection) == "0999"


def test_database_of_another_program_is_refused_and_left_as_it_is(tmp_path: Path, database: Database) -> None:
    with closing(sqlite3.connect(tmp_path / "x.db")) as other:
        other.execute("CREATE TABLE alembic_version (version_num TEXT)")  # such as MLflow's
        other.execute("CREATE TABLE runs (x)")
        other.commit()
    with pytest.raises(StorageError, match=r"another program.*alembic_version, runs"):
        revision.bring_up_to_date(database)
    with database.read() as connection:
        assert len(sa.inspect(connection).get_table_names()) == 2


def test_empty_file_becomes_a_store(tmp_path: Path, database: Database) -> None:
    (tmp_path / "x.db").touch()
    revision.bring_up_to_date(database)
    with database.read() as connection:
        assert revision.stored_revision(connection) == revision.HEAD


def test_file_that_is_not_sqlite_is_refused_and_left_as_it_is(tmp_path: Path, database: Database) -> None:
    (tmp_path / "x.db").write_text("Dear diary, " * 500)
    with pytest.raises(StorageError, match=r"x\.db"):
        revision.bring_up_to_date(database)
    assert (tmp_path / "x.db").read_text() == "Dear diary, " * 500


def test_migration_that_is_killed_leaves_a_database_that_the_next_brings_up_to_date(tmp_path: Path) -> None:
    script = (
        "import sys; from millwright.storage.backends.sql import database, revision\n"
        "revision.bring_up_to_date(database.connect(sys.argv[1]))\n"
    )
    for attempt in range(4):
        url = f"sqlite:///{tmp_path}/{attempt}.db"
        process = subprocess.Popen([sys.executable, "-c", script, url])
        while not (tmp_path / f"{attempt}.db").exists() and process.poll() is None:
            time.sleep(0.001)
        time.sleep(0.04 * attempt)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        database = connect(url)
        revision.bring_up_to_date(database)
        with database.read() as connection:
            assert revision.stored_revision(connection) == revision.HEAD
            assert len(described(sa.inspect(connection))) == len(METADATA.tables)
        database.close()
