"""Empty stores on each back-end, for the conformance suites."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from house.s3_server import s3_bucket
from millwright.storage.backends.sql.database import connect
from millwright.storage.backends.sql.revision import add_first_rows
from millwright.storage.catalog import open_stores

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from millwright.testing.opener import StoreOpener

# Before anything of it is imported: only then do its assertions tell what they compared.
pytest.register_assert_rewrite("millwright.testing")

SERVER = os.environ.get("MILLWRIGHT_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
REDIS = os.environ.get("MILLWRIGHT_TEST_REDIS", "redis://127.0.0.1:6379/0")


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite store, to copy: migrating one for each test would take most of the time."""
    path = tmp_path_factory.mktemp("sqlite") / "empty.db"
    open_records(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL database that is dropped at the end."""
    psycopg = pytest.importorskip("psycopg", reason="needs psycopg: pip install 'millwright[postgres]'")
    try:
        connection = psycopg.connect(SERVER, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        pytest.skip(f"needs PostgreSQL at {SERVER}: {error}")
    name = f"millwright_test_{uuid4().hex}"
    connection.execute(f'CREATE DATABASE "{name}"')
    url = f"{SERVER.rpartition('/')[0]}/{name}"
    open_records(url)
    yield url
    connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    connection.close()


@pytest.fixture
def redis_url() -> Iterator[str]:
    """A prefix of its own on the Redis server, emptied at the end."""
    redis = pytest.importorskip("redis", reason="needs redis: pip install 'millwright[redis]'")
    server = redis.Redis.from_url(REDIS, socket_connect_timeout=3)
    try:
        server.ping()
    except redis.ConnectionError as error:
        pytest.skip(f"needs Redis at {REDIS}: {error}")
    prefix = f"millwright_test_{uuid4().hex[:12]}"
    yield f"{REDIS}?prefix={prefix}"
    places = list(server.scan_iter(match=f"{prefix}:*"))
    if places:
        server.delete(*places)
    server.close()


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """The URL of an empty bucket on a server of this machine that speaks S3."""
    with s3_bucket() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> StoreOpener:
    """Opens all stores, on each database, empty."""
    from millwright.testing.opener import StoreOpener

    if request.param == "sqlite":
        path = tmp_path / "with space" / "größe?#%.db"
        path.parent.mkdir()
        shutil.copy(request.getfixturevalue("migrated_file"), path)
        url = f"sqlite:///{path}"
    else:
        url = request.getfixturevalue("postgres_url")
        empty_tables(url)
    return StoreOpener(
        records_url=url, artifacts_url=str(tmp_path / "artifacts"), predictions_url=str(tmp_path / "predictions")
    )


def open_records(url: str) -> None:
    """Create the tables."""
    open_stores(records_url=url, artifacts_url="memory://unused", predictions_url="memory://unused").close()


def empty_tables(url: str) -> None:
    """Remove every row but that of the revision and those that are there from the beginning."""
    import psycopg

    with psycopg.connect(url) as connection:
        query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'millwright_version'"
        tables = [name for (name,) in connection.execute(query)]
        asked = " UNION ALL ".join(f"(SELECT '{name}' FROM \"{name}\" LIMIT 1)" for name in tables)  # noqa: S608 - our own tables
        filled = [name for (name,) in connection.execute(asked)]
        if filled:
            # In one statement, since they refer to each other. TRUNCATE makes files anew: a hundred times as long.
            deleted = ", ".join(f'd{number} AS (DELETE FROM "{name}")' for number, name in enumerate(filled))  # noqa: S608
            connection.execute(f"WITH {deleted} SELECT 1")
        connection.execute(
            "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) "
            "FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
        )
    database = connect(url)
    with database.write() as writer:
        add_first_rows(writer)
    database.close()
