"""What every folder does is in `test_folder`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.storage.local_folder import LocalFolder

if TYPE_CHECKING:
    from pathlib import Path


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
