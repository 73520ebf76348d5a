"""A store whose blobs become durable while the caller goes on."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Self

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


class WriteBehindArtifacts(ArtifactStore):
    """Has a thread of its own wait for the disk, which is most of what putting a short blob takes.

    For one caller's thread. What was put can be read by all at once; a record that names it becomes durable after
    `flush` only. A context: its end waits for what is left.

    Args:
        store: Where blobs go.
    """

    def __init__(self, store: ArtifactStore) -> None:
        self._store = store
        self._thread: ThreadPoolExecutor | None = None
        self._waiting: deque[Future[None]] = deque()

    def put(self, data: bytes, digest: Digest | None = None) -> Digest:
        """See `ArtifactStore.put`; that it cannot be made durable is raised by `flush`."""
        digest, make_durable = self._store.put_soon(data, digest)
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="millwright-blobs")
        self._waiting.append(self._thread.submit(make_durable))
        return digest

    def flush(self) -> None:
        """Wait until everything that was put is durable.

        Raises:
            MillwrightError: Something could not be made durable; the first one's error. None is tried again.
        """
        while self._waiting:
            error = self._waiting[0].exception()  # who is interrupted here waits for it the next time
            self._waiting.popleft()
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
        return self._store.get(digest)

    def local_path(self, digest: Digest) -> AbstractContextManager[Path]:
        """See `ArtifactStore.local_path`."""
        return self._store.local_path(digest)

    def size(self, digest: Digest) -> int | None:
        """See `ArtifactStore.size`."""
        return self._store.size(digest)

    def read_chunks(self, digest: Digest, *, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """See `ArtifactStore.read_chunks`."""
        return self._store.read_chunks(digest, start=start, stop=stop)

    def exists(self, digest: Digest) -> bool:
        """See `ArtifactStore.exists`."""
        return self._store.exists(digest)

    def delete(self, digest: Digest) -> None:
        """See `ArtifactStore.delete`."""
        self._store.delete(digest)

    def stored_at(self, digest: Digest) -> datetime | None:
        """See `ArtifactStore.stored_at`."""
        return self._store.stored_at(digest)

    def discard(self, digest: Digest, *, before: datetime, wanted: Callable[[], bool]) -> bool:
        """See `ArtifactStore.discard`."""
        return self._store.discard(digest, before=before, wanted=wanted)

    def tidy(self, *, before: datetime) -> int:
        """See `ArtifactStore.tidy`."""
        return self._store.tidy(before=before)

    def iter(self) -> Iterator[Digest]:
        """See `ArtifactStore.iter`."""
        return self._store.iter()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None
