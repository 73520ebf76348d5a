"""Bytes that wait in a local folder until they can be brought to the artifact store."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

from millwright.core.digest import digest_bytes, digest_file
from millwright.core.errors import IntegrityError
from millwright.core.ids import Digest, new_id

if TYPE_CHECKING:
    from pathlib import Path


class LocalBlobs:
    """Blobs by content in one folder; each is on disk when its digest is given.

    Any number of threads and processes may write at once.

    Args:
        folder: Made when the first blob comes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, data: bytes) -> Digest:
        """Keep bytes and give their digest."""
        digest = digest_bytes(data)
        if not self.has(digest):
            with self._new(digest) as path:
                path.write_bytes(data)
        return digest

    def put_file(self, path: Path) -> Digest:
        """Keep a file's bytes, copied without reading them whole into memory.

        Raises:
            FileNotFoundError: There is no such file.
            IntegrityError: The file changed while it was copied.
        """
        digest = digest_file(path)
        if not self.has(digest):
            with self._new(digest) as copy:
                shutil.copyfile(path, copy)
                if digest_file(copy) != digest:
                    raise IntegrityError(f"{path} changed while it was copied.", hint="Log it again once it is whole.")
        return digest

    def path(self, digest: Digest) -> Path:
        """Where a blob is, or would be."""
        return self.folder / digest

    def has(self, digest: Digest) -> bool:
        """Whether a blob is here."""
        return self.path(digest).is_file()

    def delete(self, digest: Digest) -> None:
        """Remove a blob; nothing happens when it is not here."""
        self.path(digest).unlink(missing_ok=True)

    def _new(self, digest: Digest) -> _NewFile:
        self.folder.mkdir(parents=True, exist_ok=True)
        return _NewFile(self.path(digest))


class _NewFile:
    """A file that appears whole, under its name, or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f".{new_id()}.part")

    def __enter__(self) -> Path:
        return self._part

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is not None:
            self._part.unlink(missing_ok=True)
            return
        sync_path(self._part)
        self._part.replace(self._path)
        sync_path(self._path.parent)


def sync_path(path: Path) -> None:
    """Make a file's bytes, or a folder's names, outlive a power cut; where the system can't sync folders, nothing."""
    flags = os.O_RDONLY if os.name != "nt" else os.O_RDWR
    with suppress(PermissionError):  # Windows opens no folders
        descriptor = os.open(path, flags)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
