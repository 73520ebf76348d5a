"""Folders of files, local or anywhere fsspec reaches, in which a file is there whole or not at all.

The artifact and prediction back-ends both stand on this, so that durability is decided in one place.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, BinaryIO

from millwright.core.errors import IntegrityError, InvalidInputError

if TYPE_CHECKING:
    import contextlib
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from millwright.core.ids import Digest

CHUNK_BYTES = 1 << 20


class NewFile(ABC):
    """A file that is being written, and is nowhere until it is kept. One thread at a time."""

    @abstractmethod
    def write(self, data: bytes) -> None:
        """Add bytes."""

    @abstractmethod
    def keep(self, name: str) -> None:
        """Make (or replace) the file of that name, durably; nothing can be added any more."""


class Folder(ABC):
    """Files by relative name (parts joined by `/`), written once and durable when the writing method returns.

    Raises:
        StorageError: The place cannot be reached, or the permission is missing.
        InvalidInputError: A name is absolute or leads out of the folder.
    """

    @abstractmethod
    def write(self, name: str, data: bytes) -> None:
        """Make (or replace) a file; readers see the old bytes or the new ones, never a part."""

    def write_soon(self, name: str, data: bytes) -> Callable[[], None]:
        """As `write`, except that the file is read by others before it is durable, where a place knows the difference.

        Returns:
            What makes it durable, from any thread; to be called once.
        """
        self.write(name, data)
        return lambda: None

    def sync(self, name: str) -> None:  # noqa: B027 - most places make files durable before they can be read
        """Make a file durable that somebody else may have written just now."""

    @abstractmethod
    def copy_in(self, name: str, source: Path, digest: Digest) -> None:
        """Make (or replace) a file from a local one, chunk by chunk.

        Raises:
            IntegrityError: What was copied has another digest, since the source changed; nothing is left of it.
        """

    @abstractmethod
    def new_file(self) -> contextlib.AbstractContextManager[NewFile]:
        """A file to be written piece by piece; nothing is left of it when the context ends before it was kept."""

    @abstractmethod
    def read(self, name: str) -> bytes | None:
        """A file's bytes; None when it is not there."""

    @abstractmethod
    def open(self, name: str) -> contextlib.AbstractContextManager[BinaryIO | None]:
        """A file to be read piece by piece, from any place in it; None when it is not there."""

    @abstractmethod
    def local_file(self, name: str) -> contextlib.AbstractContextManager[Path | None]:
        """A local file with the bytes, valid inside the context; None when it is not there."""

    @abstractmethod
    def size(self, name: str) -> int | None:
        """A file's size in bytes; None when it is not there."""

    @abstractmethod
    def renew(self, name: str) -> bool:
        """Let a file count as written now, so that `discard` spares it.

        Returns:
            False when it is not there, or too old for a place that cannot renew: then it has to be written again.
        """

    @abstractmethod
    def written_at(self, name: str) -> datetime | None:
        """When a file was written or renewed; None when it is not there, or the place does not say."""

    @abstractmethod
    def delete(self, name: str) -> None:
        """Remove a file; nothing happens when it is not there."""

    @abstractmethod
    def prune(self, name: str) -> None:
        """Remove a sub-folder that is empty, where folders are something of their own; else nothing happens."""

    @abstractmethod
    def discard(self, name: str, *, before: datetime, wanted: Callable[[], bool]) -> bool:
        """Remove a file that was written before some moment and that nobody wants; safe while others renew and write.

        Args:
            name: The file.
            before: A file that was written, or renewed, later stays.
            wanted: Asked at the last moment.

        Returns:
            Whether it was removed.
        """

    @abstractmethod
    def tidy(self, *, before: datetime) -> int:
        """Remove what writers that were killed have left, if it is older than some moment; how many files."""

    @abstractmethod
    def list(self, name: str) -> list[str]:
        """Names (last part only) of the files and folders in a sub-folder, sorted; empty when it is not there."""


def changed_source(source: Path) -> IntegrityError:
    """The error for a file that changed while it was copied."""
    return IntegrityError(f"The file {source} changed while it was stored.", hint="Store it when it is complete.")


def checked_name(name: str) -> str:
    """The name, if it leads to somewhere inside a folder.

    Raises:
        InvalidInputError: It does not.
    """
    parts = name.split("/")
    if name and ("\\" in name or "\0" in name or any(part in {"", ".", ".."} for part in parts)):
        raise InvalidInputError(f"Expected a name inside the folder, found {name!r}.", hint="Use a plain name.")
    return name
