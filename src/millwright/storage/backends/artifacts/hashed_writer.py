"""Writes a file of the artifacts' folder and takes its digest on the way."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from millwright.core.ids import Digest
from millwright.storage.base.artifacts import BlobWriter

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.storage.folder import NewFile


class HashedWriter(BlobWriter):
    """A new file under a name that may depend on its digest.

    Args:
        file: What is written.
        name: Its name, from the digest.
    """

    def __init__(self, file: NewFile, name: Callable[[Digest], str]) -> None:
        self._file = file
        self._name = name
        self._state = hashlib.sha256()
        self._size_bytes = 0

    @property
    def size_bytes(self) -> int:
        """See `BlobWriter.size_bytes`."""
        return self._size_bytes

    def write(self, data: bytes) -> None:
        """See `BlobWriter.write`."""
        self._state.update(data)
        self._file.write(data)
        self._size_bytes += len(data)

    def finish(self) -> Digest:
        """See `BlobWriter.finish`."""
        digest = Digest(self._state.hexdigest())
        # Also over a file that is there: it is new from now on, and was mended if it was damaged.
        self._file.keep(self._name(digest))
        return digest
