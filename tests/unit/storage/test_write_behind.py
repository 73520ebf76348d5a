from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from millwright.core.digest import digest_bytes
from millwright.core.errors import StorageError
from millwright.storage.backends.artifacts.blob import FolderArtifactStore
from millwright.storage.folder import LocalFolder
from millwright.storage.write_behind import WriteBehindArtifacts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from millwright.core.ids import Digest


class Slow(FolderArtifactStore):
    """A store on a disk that answers when `go` is set; `durable` tells for what it has."""

    def __init__(self, root: Path) -> None:
        super().__init__(LocalFolder(root))
        self.go = threading.Event()
        self.durable: list[Digest] = []

    def put_soon(self, data: bytes, digest: Digest | None = None) -> tuple[Digest, Callable[[], None]]:
        digest, make_durable = super().put_soon(data, digest)

        def wait() -> None:
            assert self.go.wait(30)
            make_durable()
            self.durable.append(digest)

        return digest, wait


def test_blob_is_there_at_once_and_durable_after_the_flush(tmp_path: Path) -> None:
    slow = Slow(tmp_path)
    with WriteBehindArtifacts(slow) as store:
        digests = [store.put(b"one"), store.put(b"two")]
        assert digests == [digest_bytes(b"one"), digest_bytes(b"two")]
        assert slow.durable == []
        assert [slow.get(each) for each in digests] == [b"one", b"two"]
        threading.Timer(0.05, slow.go.set).start()
        store.flush()
        assert slow.durable == digests


def test_other_calls_are_the_stores_own(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"three")
    with WriteBehindArtifacts(FolderArtifactStore(LocalFolder(tmp_path / "blobs"))) as store:
        digest = store.put(b"two")
        assert (store.exists(digest), store.size(digest), store.get(digest)) == (True, 3, b"two")
        assert b"".join(store.read_chunks(digest, start=1)) == b"wo"
        assert store.stored_at(digest) is not None
        with store.local_path(digest) as path:
            assert path.read_bytes() == b"two"
        other = store.put_file(tmp_path / "file")
        with store.writer() as writer:
            writer.write(b"four")
            third = writer.finish()
        assert set(store.iter()) == {digest, other, third}
        store.delete(digest)
        assert not store.exists(digest)


def test_what_cannot_be_made_durable_is_told_once_by_the_flush(tmp_path: Path) -> None:
    class Full(FolderArtifactStore):
        def put_soon(self, data: bytes, digest: Digest | None = None) -> tuple[Digest, Callable[[], None]]:
            def fail() -> None:
                raise StorageError("The disk is full.", hint="Make room.")

            return super().put_soon(data, digest)[0], fail

    with WriteBehindArtifacts(Full(LocalFolder(tmp_path))) as store:
        store.put(b"one")
        with pytest.raises(StorageError, match="full"):
            store.flush()
        store.flush()


def test_blob_that_cannot_be_written_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with WriteBehindArtifacts(FolderArtifactStore(LocalFolder(tmp_path / "file"))) as store:
        with pytest.raises(StorageError, match="Cannot use"):
            store.put(b"one")
        store.flush()


def test_end_of_the_context_waits_for_what_is_left(tmp_path: Path) -> None:
    slow = Slow(tmp_path)
    slow.go.set()
    with WriteBehindArtifacts(slow) as store:
        digest = store.put(b"one")
    assert slow.durable == [digest]
    assert store.get(digest) == b"one"
