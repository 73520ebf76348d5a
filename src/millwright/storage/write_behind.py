"""A store whose blobs are written by a thread while the caller goes on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Self

from millwright.core.digest import digest_bytes
from millwright.storage.base.artifacts import ArtifactStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

    from millwright.core.ids import Digest
    from millwright.storage.base.artifacts import BlobWriter

_LONGEST = 1 << 20  # longer ones are written at once: they would only take up memory


class WriteBehindArtifacts(ArtifactStore):
    """Puts short blobs from a thread of its own, since most of the time that takes is waiting for the disk.

    For one caller's thread; whoever reads through this object finds what was put through it. A record that names a
    blob is written after `flush` only. A context: its end writes what is left.

    Args:
        store: Where blobs go.
    """

    def __init__(self, store: ArtifactStore) -> None:
        self._store = store
        self._writer: ThreadPoolExecutor | None = None
        self._waiting: dict[Digest, Future[Digest]] = {}

    def put(self, data: bytes, digest: Digest | None = None) -> Digest:
        """See `ArtifactStore.put`; what goes wrong is raised by `flush`."""
        if len(data) > _LONGEST:
            return self._store.put(data, digest)
        digest = digest or digest_bytes(data)
        if self._writer is None:
            self._writer = ThreadPoolExecutor(1, thread_name_prefix="millwright-blobs")
        self._waiting[digest] = self._writer.submit(self._store.put, data, digest)
        return digest

    def flush(self) -> None:
        """Wait until everything that was put is durable.

        Raises:
            MillwrightError: Some blob could not be written; the first one's error. None is tried again.
        """
        while self._waiting:
            digest, written = next(iter(self._waiting.items()))
            error = written.exception()  # who is interrupted here waits for it the next time
            del self._waiting[digest]
            if error is not None:
                raise error

    def put_file(self, path: Path) -> Digest:
        """See `ArtifactStore.put_file`."""
        return self._store.put_file(path)

    def writer(self) -> AbstractContextManager[BlobWriter]:
        """See `ArtifactStore.writer`."""
        return self._store.writer()

    def get(self, digest: Digest) -> bytes:
        """See `ArtifactStore.get`."""
        return self._with(digest).get(digest)

    def local_path(self, digest: Digest) -> AbstractContextManager[Path]:
        """See `ArtifactStore.local_path`."""
        return self._with(digest).local_path(digest)

    def size(self, digest: Digest) -> int | None:
        """See `ArtifactStore.size`."""
        return self._with(digest).size(digest)

    def read_chunks(self, digest: Digest, *, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """See `ArtifactStore.read_chunks`."""
        return self._with(digest).read_chunks(digest, start=start, stop=stop)

    def exists(self, digest: Digest) -> bool:
        """See `ArtifactStore.exists`."""
        return self._with(digest).exists(digest)

    def delete(self, digest: Digest) -> None:
        """See `ArtifactStore.delete`."""
        self._with(digest).delete(digest)

    def stored_at(self, digest: Digest) -> datetime | None:
        """See `ArtifactStore.stored_at`."""
        return self._with(digest).stored_at(digest)

    def discard(self, digest: Digest, *, before: datetime, wanted: Callable[[], bool]) -> bool:
        """See `ArtifactStore.discard`."""
        return self._with(digest).discard(digest, before=before, wanted=wanted)

    def tidy(self, *, before: datetime) -> int:
        """See `ArtifactStore.tidy`."""
        return self._store.tidy(before=before)

    def iter(self) -> Iterator[Digest]:
        """See `ArtifactStore.iter`."""
        self.flush()
        return self._store.iter()

    def _with(self, digest: Digest) -> ArtifactStore:
        """The store, once a blob is in it as far as that was put here; one that could not be written is missing."""
        written = self._waiting.get(digest)
        if written is not None:
            written.exception()
        return self._store

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer is not None:
            self._writer.shutdown()
            self._writer = None
