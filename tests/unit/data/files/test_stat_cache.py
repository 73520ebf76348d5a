from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from millwright.core.folder_scan import FoundFile
from millwright.core.ids import Digest
from millwright.data.files.stat_cache import StatCache

if TYPE_CHECKING:
    from pathlib import Path

FILE = FoundFile(path="a.txt", size_bytes=5, modified_ns=10**18, changed_ns=10**18, inode=7)
DIGEST = Digest("0" * 64)
LATER_NS = 10**18 + 3 * 10**9


def test_file_is_known_until_anything_about_it_changes(tmp_path: Path) -> None:
    place = tmp_path / "cache" / "files.msgpack"
    StatCache(place, tmp_path).keep({FILE: DIGEST}, read_ns=LATER_NS)
    cache = StatCache(place, tmp_path)
    assert cache.find(FILE) == DIGEST
    for other in (
        replace(FILE, size_bytes=1), replace(FILE, modified_ns=1), replace(FILE, changed_ns=1), replace(FILE, inode=1)
    ):  # fmt: skip
        assert cache.find(other) is None
    assert cache.find(replace(FILE, path="b.txt")) is None
    assert list(place.parent.iterdir()) == [place]


def test_file_written_just_before_it_was_read_is_read_again(tmp_path: Path) -> None:
    place = tmp_path / "files.msgpack"
    StatCache(place, tmp_path).keep({FILE: DIGEST}, read_ns=10**18 + 10**9)
    assert StatCache(place, tmp_path).find(FILE) is None


def test_cache_of_another_folder_or_damaged_counts_for_nothing(tmp_path: Path) -> None:
    place = tmp_path / "files.msgpack"
    StatCache(place, tmp_path).keep({FILE: DIGEST}, read_ns=LATER_NS)
    assert StatCache(place, tmp_path / "other").find(FILE) is None
    place.write_bytes(place.read_bytes()[:-5])
    assert StatCache(place, tmp_path).find(FILE) is None
