"""`OnlineStoreConformance` on Redis, when it listens on its standard local port."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from millwright.core.errors import StorageError
from millwright.storage.catalog import open_online
from millwright.testing.online import OnlineStoreConformance
from millwright.testing.opener import OnlineOpener

if TYPE_CHECKING:
    from collections.abc import Iterator

REDIS = os.environ.get("MILLWRIGHT_TEST_REDIS", "redis://127.0.0.1:6379/0")


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


class TestRedisOnlineStore(OnlineStoreConformance):
    @pytest.fixture
    def opener(self, redis_url: str) -> OnlineOpener:
        return OnlineOpener(redis_url)

    def test_server_that_is_not_there_is_one_clear_error(self) -> None:
        store = open_online("redis://127.0.0.1:1/0")
        with pytest.raises(StorageError, match="Cannot use the online store on Redis"):
            store.get([("v", [b"k"])])
