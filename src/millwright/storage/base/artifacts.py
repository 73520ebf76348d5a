"""Blobs by content."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from millwright.core.ids import Digest


class BlobWriter(ABC):
    """A blob that comes piece by piece, of which one piece is in memory at a time. One thread at a time."""

    @property
    @abstractmethod
    def size_bytes(self) -> int:
        """How many bytes have come so far."""

    @abstractmethod
    def write(self, data: bytes) -> None:
        """Add bytes."""

    @abstractmethod
    def finish(self) -> Digest:
        """Store the blob durably; nothing can be added any more."""


class ArtifactStore(ABC):
    """Content-addressed blobs: the name of a blob is the SHA-256 digest of its bytes.

    Writing the same bytes twice keeps one blob. Blobs are immutable; only `delete` and `discard` (used by garbage
    collection) remove them. A blob is written before the record that names it, so that collection spares new ones.
    A digest that is not 64 lower-case hex digits raises `InvalidInputError` and never becomes a path.
    """

    @abstractmethod
    def put(self, data: bytes, digest: Digest | None = None) -> Digest:
        """Store bytes and return their digest.

        Args:
            data: The bytes.
            digest: What the caller has just found as the digest of these very bytes, so that it is not found again: it
                is not checked before they are read back. None when it is not known.
        """

    def put_soon(self, data: bytes, digest: Digest | None = None) -> tuple[Digest, Callable[[], None]]:
        """As `put`, except that the blob is read by others before it is durable, where a place knows the difference.

        Returns:
            The digest, and what makes the blob durable, from any thread; to be called once.
        """
        return self.put(data, digest), lambda: None

    @abstractmethod
    def put_file(self, path: Path) -> Digest:
        """Store a file's bytes without reading it whole into memory.

        Raises:
            FileNotFoundError: There is no such file.
        """

    @abstractmethod
    def writer(self) -> AbstractContextManager[BlobWriter]:
        """Store bytes as they come; nothing is left of them when the context ends before `finish`."""

    @abstractmethod
    def get(self, digest: Digest) -> bytes:
        """A blob's bytes, checked against the digest.

        Raises:
            NotFoundError: There is no such blob.
            IntegrityError: The stored bytes have another digest.
        """

    @abstractmethod
    def local_path(self, digest: Digest) -> AbstractContextManager[Path]:
        """A local, read-only file with the blob's bytes, valid inside the context; checked against the digest.

        Raises:
            NotFoundError: There is no such blob.
            IntegrityError: The stored bytes have another digest.
        """

    @abstractmethod
    def size(self, digest: Digest) -> int | None:
        """A blob's size in bytes; None when it is not stored."""

    @abstractmethod
    def read_chunks(self, digest: Digest, *, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """A blob's bytes from `start` up to `stop` (its end when None), in pieces of at most 1 MiB.

        Raises:
            NotFoundError: There is no such blob; raised with the first piece.
            IntegrityError: The whole blob was read and has another digest; raised in place of the last piece.
        """

    @abstractmethod
    def exists(self, digest: Digest) -> bool:
        """Whether the blob is stored."""

    @abstractmethod
    def delete(self, digest: Digest) -> None:
        """Remove a blob; nothing happens when it is not there."""

    @abstractmethod
    def stored_at(self, digest: Digest) -> datetime | None:
        """When a blob was last put; None when it is not stored, or the place does not say."""

    @abstractmethod
    def discard(self, digest: Digest, *, before: datetime, wanted: Callable[[], bool]) -> bool:
        """Remove a blob that was put before some moment and that nobody wants; safe while others put it again.

        Args:
            digest: The blob.
            before: A blob that was put later, for the first time or again, stays; some hours ago at least.
            wanted: Whether a record names it; asked at the last moment.

        Returns:
            Whether it was removed.
        """

    @abstractmethod
    def tidy(self, *, before: datetime) -> int:
        """Remove what writers that were killed have left, if it is older than some moment; how many files."""

    @abstractmethod
    def iter(self) -> Iterator[Digest]:
        """Every stored blob's digest, in no order."""
