from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.digest import digest_bytes
from millwright.core.errors import IntegrityError
from millwright.storage.backends.artifacts.blob import FolderArtifactStore
from millwright.storage.folder import LocalFolder

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> FolderArtifactStore:
    return FolderArtifactStore(LocalFolder(tmp_path))


def path_of(tmp_path: Path, data: bytes) -> Path:
    digest = digest_bytes(data)
    return tmp_path / digest[:2] / digest[2:]


def test_blob_is_a_plain_file_named_by_its_digest(store: FolderArtifactStore, tmp_path: Path) -> None:
    store.put(b"content")
    assert path_of(tmp_path, b"content").read_bytes() == b"content"


def test_damaged_blob_is_an_error_when_read(store: FolderArtifactStore, tmp_path: Path) -> None:
    digest = store.put(b"content")
    path_of(tmp_path, b"content").write_bytes(b"CONTENT")
    with pytest.raises(IntegrityError, match=digest):
        store.get(digest)
    with pytest.raises(IntegrityError, match=digest), store.local_path(digest):
        pass


@pytest.mark.parametrize("damaged", [b"cont", b"CONTENT"])
@pytest.mark.parametrize("way", ["put", "put_file"])
def test_damaged_blob_is_mended_when_put_again(
    store: FolderArtifactStore, tmp_path: Path, way: str, damaged: bytes
) -> None:
    digest = store.put(b"content")
    path_of(tmp_path, b"content").write_bytes(damaged)
    source = tmp_path / "source"
    source.write_bytes(b"content")
    again = store.put(b"content") if way == "put" else store.put_file(source)
    assert again == digest
    assert store.get(digest) == b"content"


def test_blob_is_not_written_again_when_it_is_there(store: FolderArtifactStore, tmp_path: Path) -> None:
    store.put(b"content")
    before = path_of(tmp_path, b"content").stat()
    store.put(b"content")
    after = path_of(tmp_path, b"content").stat()
    assert before.st_ino == after.st_ino
    assert before.st_mtime_ns <= after.st_mtime_ns  # collection takes it for new


def test_foreign_files_are_not_listed(store: FolderArtifactStore, tmp_path: Path) -> None:
    digest = store.put(b"content")
    (tmp_path / "README").mkdir()
    (tmp_path / "README" / "x").touch()
    (path_of(tmp_path, b"content").parent / ".partial-1").touch()
    assert list(store.iter()) == [digest]
