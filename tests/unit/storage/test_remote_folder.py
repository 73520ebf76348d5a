"""What every folder does is in `test_folder`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import fsspec

from millwright.storage.remote_folder import RemoteFolder

if TYPE_CHECKING:
    from millwright.storage.base.folder import Folder


def new_folder() -> Folder:
    return RemoteFolder(fsspec.filesystem("memory"), uuid4().hex)


def test_file_that_was_not_kept_is_never_sent() -> None:
    folder = new_folder()
    with folder.new_file() as file:
        file.write(b"half")
    assert folder.list("") == []


def test_kept_file_is_read_from_any_place() -> None:
    folder = new_folder()
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
