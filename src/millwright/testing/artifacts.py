"""Conformance of `ArtifactStore`."""
# ruff: noqa: S101

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.digest import digest_bytes
from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.core.ids import Digest
from millwright.testing.conformance import StoreConformance
from millwright.testing.process import in_killed_process, in_processes, in_threads

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from millwright.storage.base.artifacts import ArtifactStore
    from millwright.testing.conformance import Opener

_BLOBS = (b"", b"x", bytes(range(256)), b"\r\n" * 1000, b"z" * (3 << 20))
_NOT_DIGESTS = ("", "abc", "../../etc/passwd", "G" * 64, "A" * 64, "a" * 63, "a" * 65, "a" * 64 + "\n", "a/" * 32)


class ArtifactStoreConformance(StoreConformance):
    """Content-addressed blobs."""

    @pytest.mark.parametrize("data", _BLOBS, ids=len)
    def test_blob_comes_back_by_its_digest(self, store: ArtifactStore, data: bytes) -> None:
        """Empty, binary and large ones."""
        digest = store.put(data)
        assert digest == digest_bytes(data)
        assert store.get(digest) == data
        assert store.exists(digest)

    @pytest.mark.parametrize("data", _BLOBS, ids=len)
    def test_file_comes_back_by_its_digest(self, store: ArtifactStore, data: bytes, tmp_path: Path) -> None:
        """The same digest as for the bytes."""
        path = tmp_path / "größe 1.bin"
        path.write_bytes(data)
        assert store.put_file(path) == digest_bytes(data)
        assert store.get(digest_bytes(data)) == data

    def test_missing_file_is_an_error(self, store: ArtifactStore, tmp_path: Path) -> None:
        """Nothing is stored."""
        with pytest.raises(FileNotFoundError):
            store.put_file(tmp_path / "nowhere")
        assert list(store.iter()) == []

    def test_same_bytes_are_kept_once(self, store: ArtifactStore, tmp_path: Path) -> None:
        """However they came."""
        path = tmp_path / "file"
        path.write_bytes(b"same")
        digests = {store.put(b"same"), store.put(b"same"), store.put_file(path)}
        assert list(store.iter()) == list(digests)

    def test_local_file_has_the_bytes(self, store: ArtifactStore) -> None:
        """For as long as the context."""
        digest = store.put(b"content")
        with store.local_path(digest) as path:
            assert path.read_bytes() == b"content"

    @pytest.mark.parametrize("data", _BLOBS, ids=len)
    def test_blob_may_come_and_go_in_pieces(self, store: ArtifactStore, data: bytes) -> None:
        """The same digest as for the bytes at once; a range of it, too."""
        with store.writer() as writer:
            for start in range(0, len(data), 100_000):
                writer.write(data[start : start + 100_000])
            assert writer.size_bytes == len(data)
            digest = writer.finish()
        assert digest == digest_bytes(data)
        assert store.size(digest) == len(data)
        pieces = list(store.read_chunks(digest))
        assert b"".join(pieces) == data
        assert max(map(len, pieces), default=0) <= 1 << 20
        assert b"".join(store.read_chunks(digest, start=1, stop=5)) == data[1:5]
        assert b"".join(store.read_chunks(digest, start=len(data) // 2)) == data[len(data) // 2 :]

    def test_blob_that_was_not_finished_is_nowhere(self, store: ArtifactStore) -> None:
        """Whether its context ended well or not."""
        with store.writer() as writer:
            writer.write(b"half")
        with pytest.raises(TypeError), store.writer() as writer:
            writer.write("not bytes")  # type: ignore[arg-type]
        assert list(store.iter()) == []
        with pytest.raises(NotFoundError):
            next(store.read_chunks(digest_bytes(b"half")))
        assert store.size(digest_bytes(b"half")) is None

    def test_old_blob_is_discarded_unless_somebody_wants_it(self, store: ArtifactStore) -> None:
        """One that was put again is not old."""
        digest = store.put(b"old")
        now = datetime.now(tz=UTC)
        stored_at = store.stored_at(digest)
        assert stored_at is not None
        assert abs(stored_at - now) < timedelta(minutes=1)
        assert not store.discard(digest, before=now - timedelta(hours=2), wanted=lambda: False)
        assert not store.discard(digest, before=now + timedelta(hours=2), wanted=lambda: True)
        assert store.get(digest) == b"old"
        assert list(store.iter()) == [digest]
        assert store.discard(digest, before=now + timedelta(hours=2), wanted=lambda: False)
        assert not store.discard(digest, before=now + timedelta(hours=2), wanted=lambda: False)
        assert list(store.iter()) == []
        assert store.stored_at(digest) is None
        assert store.tidy(before=now) == 0

    def test_unknown_blob_is_an_error_where_bytes_are_wanted(self, store: ArtifactStore) -> None:
        """It says which; asking is none, and neither is deleting."""
        unknown = digest_bytes(b"unknown")
        with pytest.raises(NotFoundError, match=unknown):
            store.get(unknown)
        with pytest.raises(NotFoundError, match=unknown), store.local_path(unknown):
            pass
        assert not store.exists(unknown)
        store.delete(unknown)

    def test_deleted_blob_is_gone(self, store: ArtifactStore) -> None:
        """And may be stored again."""
        digest, other = store.put(b"a"), store.put(b"b")
        store.delete(digest)
        assert list(store.iter()) == [other]
        assert not store.exists(digest)
        assert store.put(b"a") == digest
        assert store.exists(digest)

    @pytest.mark.parametrize("name", _NOT_DIGESTS, ids=repr)
    def test_name_that_is_no_digest_is_refused_everywhere(self, store: ArtifactStore, name: str) -> None:
        """It never becomes a path."""
        calls: list[Callable[[], Any]] = [
            lambda: store.get(Digest(name)),
            lambda: store.exists(Digest(name)),
            lambda: store.delete(Digest(name)),
            lambda: store.local_path(Digest(name)).__enter__(),
        ]
        for call in calls:
            with pytest.raises(InvalidInputError, match="64"):
                call()

    def test_every_blob_is_listed(self, store: ArtifactStore) -> None:
        """None at first."""
        assert list(store.iter()) == []
        digests = {store.put(bytes([number])) for number in range(40)}
        assert set(store.iter()) == digests

    def test_bytes_whose_digest_is_known_are_put_under_it(self, store: ArtifactStore) -> None:
        """As without it."""
        digest = store.put(b"known")
        store.delete(digest)
        assert store.put(b"known", digest) == digest
        assert store.get(digest) == b"known"

    def test_same_bytes_are_kept_once_when_threads_put_them_together(self, store: ArtifactStore) -> None:
        """Every one of them can read it at once."""

        def put_and_get(number: int) -> bytes:
            return store.get(store.put(b"same" * 100_000 if number < 6 else bytes([number])))

        assert in_threads(put_and_get)[:6] == [b"same" * 100_000] * 6
        assert len(list(store.iter())) == 3

    def test_same_bytes_are_kept_once_when_processes_put_them_together(self, shared_opener: Opener) -> None:
        """Each sees those of the other."""
        digests = in_processes(shared_opener, _put_ten)
        with shared_opener() as store:
            assert set(store.iter()) == set(digests[0]) == set(digests[1])

    def test_blob_survives_sigkill_once_put(self, shared_opener: Opener) -> None:
        """Whole."""
        digest = in_killed_process(shared_opener, _put_and_tell)
        with shared_opener() as store:
            assert store.get(digest) == b"kept" * 1000


def _put_ten(store: ArtifactStore, _number: int) -> list[Digest]:
    return [store.put(bytes([number]) * 100_000) for number in range(10)]


def _put_and_tell(store: ArtifactStore, acknowledge: Callable[[Any], None]) -> None:
    acknowledge(store.put(b"kept" * 1000))
