"""Open LMDB folders: several stores, several processes, maps that grow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import StorageError
from millwright.storage.backends.online.lmdb import LmdbOnlineStore
from millwright.testing.online import row
from millwright.testing.opener import OnlineOpener
from millwright.testing.process import in_processes, in_threads

if TYPE_CHECKING:
    from pathlib import Path

_SMALL_MAP = 256 << 10


def test_map_grows_when_it_is_full(tmp_path: Path) -> None:
    store = LmdbOnlineStore(tmp_path, map_size=_SMALL_MAP)
    store.put("v", [row(b"%d" % number, value=b"x" * 1000) for number in range(5000)])
    assert store.count("v") == 5000
    assert store.get([("v", [b"4999"])]) == [[b"x" * 1000]]
    store.close()


def test_map_grows_while_threads_read(tmp_path: Path) -> None:
    store = LmdbOnlineStore(tmp_path, map_size=_SMALL_MAP)
    store.put("v", [row(b"k")])

    def read_or_write(number: int) -> None:
        if number == 0:
            for start in range(0, 8000, 500):
                store.put("v", [row(b"%d" % each, value=b"x" * 1000) for each in range(start, start + 500)])
        else:
            for _ in range(2000):
                assert store.get([("v", [b"k"])]) == [[b"value"]]

    in_threads(read_or_write, count=4)
    assert store.count("v") == 8001
    store.close()


def test_map_that_another_process_grew_is_followed(tmp_path: Path) -> None:
    store = LmdbOnlineStore(tmp_path, map_size=_SMALL_MAP)
    store.put("v", [row(b"k")])
    in_processes(OnlineOpener(str(tmp_path)), _fill, count=1)
    assert store.get([("v", [b"k", b"2999"])]) == [[b"value", b"x" * 1000]]
    in_processes(OnlineOpener(str(tmp_path)), _fill, count=1)
    store.put("v", [row(b"later")])
    assert store.count("v") == 3002
    store.close()


def test_stores_of_one_folder_share_it_until_the_last_is_closed(tmp_path: Path) -> None:
    first, second = LmdbOnlineStore(tmp_path / "online"), LmdbOnlineStore(tmp_path / "online")
    first.put("v", [row(b"k")])
    assert second.get([("v", [b"k"])]) == [[b"value"]]
    first.close()
    assert second.get([("v", [b"k"])]) == [[b"value"]]
    second.close()
    third = LmdbOnlineStore(tmp_path / "online")
    assert third.count("v") == 1
    third.close()


def test_folder_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    store = LmdbOnlineStore(tmp_path / "file" / "online")
    with pytest.raises(StorageError, match="Cannot use the online store in"):
        store.get([("v", [b"k"])])


def _fill(store: Any, _: int) -> None:
    store.put("v", [row(b"%d" % number, value=b"x" * 1000) for number in range(3000)])
