"""Workspaces on each database."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from e2e.workplace import Workplace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from psycopg import Connection

SERVER = os.environ.get("MILLWRIGHT_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[tuple[Connection[Any], str]]:
    """A connection to a PostgreSQL server, and the URL of a database there that is dropped at the end."""
    psycopg = pytest.importorskip("psycopg", reason="needs psycopg: pip install 'millwright[postgres]'")
    try:
        connection = psycopg.connect(SERVER, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        pytest.skip(f"needs PostgreSQL at {SERVER}: {error}")
    name = f"millwright_e2e_{uuid4().hex}"
    connection.execute(f'CREATE DATABASE "{name}"')
    yield connection, f"{SERVER.rpartition('/')[0]}/{name}"
    connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    connection.close()


@pytest.fixture
def postgres_url(postgres_server: tuple[Connection[Any], str]) -> str:
    """That database, empty. One for each test would take longer: the server writes all it has to disk for a drop."""
    server, url = postgres_server
    name = url.rpartition("/")[2]
    server.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", (name,))
    with server.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def workplace(request: pytest.FixtureRequest, tmp_path: Path) -> Workplace:
    """An empty workspace on each database."""
    store = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    return Workplace(tmp_path, store)
