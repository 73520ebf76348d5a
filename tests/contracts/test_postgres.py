"""`OnlineStoreConformance` on PostgreSQL, when it listens on its standard local port."""

from __future__ import annotations

from uuid import uuid4

import pytest

from millwright.core.errors import StorageError
from millwright.storage.catalog import open_online
from millwright.testing.online import OnlineStoreConformance, row
from millwright.testing.opener import OnlineOpener


@pytest.mark.postgres
class TestPostgresOnlineStore(OnlineStoreConformance):
    @pytest.fixture
    def opener(self, postgres_url: str) -> OnlineOpener:
        return OnlineOpener(f"{postgres_url}?prefix=online_{uuid4().hex[:12]}")

    def test_broken_connection_is_opened_anew(self, opener: OnlineOpener) -> None:
        with opener() as store, opener() as other:
            store.put("v", [row(b"k")])
            end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = "
            other._run(lambda cursor: cursor.execute(end + "current_database()"))
            assert store.get([("v", [b"k"])]) == [[b"value"]]

    def test_server_that_is_not_there_is_one_clear_error(self) -> None:
        store = open_online("postgresql://nobody@127.0.0.1:1/none")
        with pytest.raises(StorageError, match="Cannot use the online store in PostgreSQL"):
            store.get([("v", [b"k"])])
