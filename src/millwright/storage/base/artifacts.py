"""Blobs by content."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from millwright.core.ids import Digest


class ArtifactStore(ABC):
    """Content-addressed blobs: the name of a blob is the SHA-256 digest of its bytes.

    Writing the same bytes twice keeps one blob. Blobs are immutable; only `delete` (used by garbage collection)
    removes them. A digest that is not 64 lower-case hex digits raises `InvalidInputError` and never becomes a path.
    """

    @abstractmethod
    def put(self, data: bytes) -> Digest:
        """Store bytes and return their digest."""

    @abstractmethod
    def put_file(self, path: Path) -> Digest:
        """Store a file's bytes without reading it whole into memory.

        Raises:
            FileNotFoundError: There is no such file.
        """

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
    def exists(self, digest: Digest) -> bool:
        """Whether the blob is stored."""

    @abstractmethod
    def delete(self, digest: Digest) -> None:
        """Remove a blob; nothing happens when it is not there."""

    @abstractmethod
    def iter(self) -> Iterator[Digest]:
        """Every stored blob's digest, in no order."""
