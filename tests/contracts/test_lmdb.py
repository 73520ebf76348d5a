"""`OnlineStoreConformance` on LMDB, and what is LMDB's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.storage.backends.online.lmdb import LmdbOnlineStore
from millwright.testing.online import OnlineStoreConformance, row
from millwright.testing.opener import OnlineOpener

if TYPE_CHECKING:
    from pathlib import Path


class TestLmdbOnlineStore(OnlineStoreConformance):
    @pytest.fixture
    def opener(self, tmp_path: Path) -> OnlineOpener:
        return OnlineOpener(str(tmp_path / "with space" / "größe?#%"))


def test_key_at_the_limit_of_lmdb_is_told_from_those_behind_it(tmp_path: Path) -> None:
    store = LmdbOnlineStore(tmp_path)
    keys = [b"k" * length for length in (501, 502, 503, 504, 511, 512)]
    store.put("v", [row(key, value=b"%d" % len(key)) for key in keys])
    assert store.get([("v", keys)]) == [[b"%d" % len(key) for key in keys]]
    assert sorted(store.iter_keys("v")) == keys
    store.close()


def test_count_follows_every_kind_of_change(tmp_path: Path) -> None:
    store = LmdbOnlineStore(tmp_path)
    store.put("v", [row(b"a"), row(b"b"), row(b"b")])
    store.put("v", [row(b"b", 0), row(b"c")], replace=True)
    store.delete("v", [b"a", b"a", b"none"])
    assert store.count("v") == len(list(store.iter_keys("v"))) == 2
    store.close()
