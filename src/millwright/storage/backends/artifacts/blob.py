"""Blobs as files named by their digest."""

from __future__ import annotations

import hashlib
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from millwright.core.digest import digest_bytes, digest_file
from millwright.core.errors import IntegrityError, InvalidInputError, NotFoundError
from millwright.core.ids import Digest
from millwright.storage.backends.artifacts.hashed_writer import HashedWriter
from millwright.storage.base.artifacts import ArtifactStore, BlobWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path
    from typing import BinaryIO

    from millwright.storage.folder import Folder

_DIGEST = re.compile(r"[0-9a-f]{64}")
_CHUNK_BYTES = 1 << 20
_SHARD = 2  # hex digits of the sub-folder: 256 of them keep each listing short up to some millions of blobs


class FolderArtifactStore(ArtifactStore):
    """Blobs in a folder, local or remote.

    Args:
        folder: Where; only uploads in parts have a sub-folder of their own there.
    """

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def put(self, data: bytes, digest: Digest | None = None) -> Digest:
        """See `ArtifactStore.put`."""
        digest, make_durable = self.put_soon(data, digest)
        make_durable()
        return digest

    def put_soon(self, data: bytes, digest: Digest | None = None) -> tuple[Digest, Callable[[], None]]:
        """See `ArtifactStore.put_soon`."""
        digest = digest or digest_bytes(data)
        name = _name(digest)
        # A blob of other bytes is a damaged one, which writing again mends.
        if not self._folder.renew(name) or self._folder.size(name) != len(data) or self._folder.read(name) != data:
            return digest, self._folder.write_soon(name, data)
        return digest, lambda: self._folder.sync(name)  # whoever wrote it may not have waited for the disk yet

    def put_file(self, path: Path) -> Digest:
        """See `ArtifactStore.put_file`.

        Raises:
            IntegrityError: The file changed while it was copied.
        """
        digest = digest_file(path)
        name = _name(digest)
        if self._folder.size(name) == path.stat().st_size and self._folder.renew(name):
            with self._folder.local_file(name) as stored:
                if stored is not None and digest_file(stored) == digest:
                    return digest
        self._folder.copy_in(name, path, digest)
        return digest

    @contextmanager
    def writer(self) -> Iterator[BlobWriter]:
        """See `ArtifactStore.writer`."""
        with self._folder.new_file() as file:
            yield HashedWriter(file, _name)

    def get(self, digest: Digest) -> bytes:
        """See `ArtifactStore.get`."""
        data = self._folder.read(_name(digest))
        if data is None:
            raise _missing(digest)
        found = digest_bytes(data)
        if found != digest:
            raise _damaged(digest, found)
        return data

    @contextmanager
    def local_path(self, digest: Digest) -> Iterator[Path]:
        """See `ArtifactStore.local_path`."""
        with self._folder.local_file(_name(digest)) as path:
            if path is None:
                raise _missing(digest)
            found = digest_file(path)
            if found != digest:
                raise _damaged(digest, found)
            yield path

    def size(self, digest: Digest) -> int | None:
        """See `ArtifactStore.size`."""
        return self._folder.size(_name(digest))

    def read_chunks(self, digest: Digest, *, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """See `ArtifactStore.read_chunks`."""
        name = _name(digest)
        with self._folder.open(name) as file:
            if file is None:
                raise _missing(digest)
            if start == 0 and stop is None:
                yield from _checked_chunks(file, digest)
                return
            file.seek(start)
            left = stop - start if stop is not None else None
            while chunk := file.read(_CHUNK_BYTES if left is None else min(left, _CHUNK_BYTES)):
                yield chunk
                left = None if left is None else left - len(chunk)

    def exists(self, digest: Digest) -> bool:
        """See `ArtifactStore.exists`."""
        return self._folder.size(_name(digest)) is not None

    def delete(self, digest: Digest) -> None:
        """See `ArtifactStore.delete`."""
        self._folder.delete(_name(digest))

    def stored_at(self, digest: Digest) -> datetime | None:
        """See `ArtifactStore.stored_at`."""
        return self._folder.written_at(_name(digest))

    def discard(self, digest: Digest, *, before: datetime, wanted: Callable[[], bool]) -> bool:
        """See `ArtifactStore.discard`."""
        return self._folder.discard(_name(digest), before=before, wanted=wanted)

    def tidy(self, *, before: datetime) -> int:
        """See `ArtifactStore.tidy`."""
        return self._folder.tidy(before=before)

    def iter(self) -> Iterator[Digest]:
        """See `ArtifactStore.iter`."""
        for shard in self._folder.list(""):
            for rest in self._folder.list(shard):
                if _DIGEST.fullmatch(shard + rest):
                    yield Digest(shard + rest)


def _checked_chunks(file: BinaryIO, digest: Digest) -> Iterator[bytes]:
    """A whole blob's pieces; the last one is held back until the digest was found right."""
    state = hashlib.sha256()
    held = b""
    while chunk := file.read(_CHUNK_BYTES):
        if held:
            yield held
        state.update(chunk)
        held = chunk
    if state.hexdigest() != digest:
        raise _damaged(digest, state.hexdigest())
    if held:
        yield held


def _name(digest: str) -> str:
    if not _DIGEST.fullmatch(digest):
        raise InvalidInputError(
            f"Expected a digest of 64 lower-case hex digits, found {digest[:80]!r}.",
            hint="Copy the digest from the record that names it.",
        )
    return f"{digest[:_SHARD]}/{digest[_SHARD:]}"


def _missing(digest: str) -> NotFoundError:
    return NotFoundError(f"There is no artifact {digest}.", hint="It was removed, or is in another workspace's store.")


def _damaged(digest: str, found: str) -> IntegrityError:
    return IntegrityError(
        f"The artifact {digest} is damaged: its bytes have the digest {found}.",
        hint="Restore it from a backup, or run the step that made it again with --force.",
    )
