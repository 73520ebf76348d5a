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
    from collections.abc import Iterator
    from pathlib import Path

    from millwright.core.ids import Digest


class Held(FolderArtifactStore):
    """A store whose writes wait for `go`."""

    def __init__(self, root: Path) -> None:
        super().__init__(LocalFolder(root))
        self.go = threading.Event()

    def put(self, data: bytes, digest: Digest | None = None) -> Digest:
        assert self.go.wait(30)
        return super().put(data, digest)


@pytest.fixture
def held(tmp_path: Path) -> Held:
    return Held(tmp_path)


@pytest.fixture
def store(held: Held) -> Iterator[WriteBehindArtifacts]:
    with WriteBehindArtifacts(held) as made:
        yield made
        held.go.set()


def test_caller_goes_on_while_a_blob_is_written(store: WriteBehindArtifacts, held: Held) -> None:
    digest = store.put(b"one")
    assert digest == digest_bytes(b"one")
    assert not held.exists(digest)
    held.go.set()
    store.flush()
    assert held.get(digest) == b"one"


def test_who_reads_through_it_finds_what_was_put(store: WriteBehindArtifacts, held: Held) -> None:
    digest = store.put(b"one")
    threading.Timer(0.05, held.go.set).start()
    assert store.exists(digest)
    assert store.get(store.put(b"two")) == b"two"
    assert store.size(store.put(b"three")) == 5
    assert b"".join(store.read_chunks(store.put(b"four"), start=1)) == b"our"
    assert store.stored_at(store.put(b"five")) is not None
    with store.local_path(store.put(b"six")) as path:
        assert path.read_bytes() == b"six"
    store.put(b"seven")
    assert len(list(store.iter())) == 7
    store.delete(store.put(b"eight"))
    store.flush()
    assert not store.exists(digest_bytes(b"eight"))


def test_what_could_not_be_written_is_told_once_by_the_flush_and_missing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with WriteBehindArtifacts(FolderArtifactStore(LocalFolder(tmp_path / "file"))) as store:
        store.put(b"one")
        with pytest.raises(StorageError, match="Cannot use"):
            store.flush()
        store.flush()


def test_long_blob_is_written_at_once(store: WriteBehindArtifacts, held: Held) -> None:
    held.go.set()
    digest = store.put(b"x" * (2 << 20))
    assert held.exists(digest)


def test_end_of_the_context_writes_what_is_left(tmp_path: Path) -> None:
    plain = FolderArtifactStore(LocalFolder(tmp_path))
    with WriteBehindArtifacts(plain) as store:
        digest = store.put(b"one")
    assert plain.exists(digest)
    assert store.get(digest) == b"one"
