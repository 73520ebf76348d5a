from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.digest import digest_bytes
from millwright.tracking.blob import LocalBlobs, sync_path

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    return LocalBlobs(tmp_path / "new" / "files")


def test_bytes_are_kept_under_their_digest(blobs: LocalBlobs) -> None:
    digest = blobs.put(b"abc")
    assert digest == digest_bytes(b"abc")
    assert blobs.path(digest).read_bytes() == b"abc"
    assert blobs.put(b"abc") == digest
    assert [path.name for path in blobs.folder.iterdir()] == [digest]


def test_file_is_copied(blobs: LocalBlobs, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"abc")
    digest = blobs.put_file(file)
    file.write_bytes(b"changed")
    assert blobs.path(digest).read_bytes() == b"abc"
    sync_path(file)


def test_missing_file_is_an_error_and_leaves_nothing(blobs: LocalBlobs, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        blobs.put_file(tmp_path / "none")
    assert not blobs.folder.exists()


def test_deleted_blob_is_gone(blobs: LocalBlobs) -> None:
    digest = blobs.put(b"abc")
    blobs.delete(digest)
    blobs.delete(digest)
    assert not blobs.has(digest)
