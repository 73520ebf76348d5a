"""What every folder does is in `test_folder`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from millwright.core.errors import StorageError
from millwright.storage.local_folder import LocalFolder


def test_file_that_was_not_kept_leaves_nothing(tmp_path: Path) -> None:
    folder = LocalFolder(tmp_path / "root")
    with folder.new_file() as file:
        file.write(b"half")
    assert list((tmp_path / "root").iterdir()) == []


def test_kept_file_is_read_from_any_place(tmp_path: Path) -> None:
    folder = LocalFolder(tmp_path)
    with folder.new_file() as file:
        file.write(b"01")
        file.write(b"23")
        file.keep("a/b")
    with folder.open("a/b") as opened:
        assert opened is not None
        opened.seek(2)
        assert opened.read() == b"23"
    with folder.open("nowhere") as opened:
        assert opened is None


def test_file_is_read_by_others_before_it_is_durable(tmp_path: Path) -> None:
    folder = LocalFolder(tmp_path / "store")
    make_durable = folder.write_soon("a/b/file", b"content")
    assert LocalFolder(tmp_path / "store").read("a/b/file") == b"content"
    make_durable()
    folder.sync("a/b/file")
    assert folder.list("a") == ["b"]
    with pytest.raises(StorageError, match="No such file"):
        folder.sync("a/b/none")


def test_each_new_folder_and_the_file_are_synced_before_it_is_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    fsync = os.fsync

    def noting(number: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{number}").readlink()).removeprefix(str(tmp_path)))
        fsync(number)

    monkeypatch.setattr(os, "fsync", noting)
    folder = LocalFolder(tmp_path / "store")
    folder.write("first", b"")
    synced.clear()
    make_durable = folder.write_soon("a/b/file", b"content")
    assert synced == []
    make_durable()
    assert synced == ["/store/a/b/file", "/store", "/store/a", "/store/a/b"]
