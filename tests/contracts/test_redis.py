"""`OnlineStoreConformance` on Redis, when it listens on its standard local port."""

from __future__ import annotations

import pytest

from millwright.core.errors import StorageError
from millwright.storage.catalog import open_online
from millwright.testing.online import OnlineStoreConformance
from millwright.testing.opener import OnlineOpener


class TestRedisOnlineStore(OnlineStoreConformance):
    @pytest.fixture
    def opener(self, redis_url: str) -> OnlineOpener:
        return OnlineOpener(redis_url)

    def test_server_that_is_not_there_is_one_clear_error(self) -> None:
        store = open_online("redis://127.0.0.1:1/0")
        with pytest.raises(StorageError, match="Cannot use the online store on Redis"):
            store.get([("v", [b"k"])])
