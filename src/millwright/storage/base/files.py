"""Named artifacts: a tree of paths over content-addressed blobs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from millwright.core.ids import Digest
    from millwright.core.records.file import FileRecord


class FileStore(ABC):
    """The tree of named artifacts (`mlflow-artifacts:/<path>`).

    The bytes stand in the `ArtifactStore` under their digest, and are stored there before they are named here. Names
    never become paths of a file system. Folders come with the first file below them and stay when it goes. The files
    of a run are below `<experiment id>/<run id>/artifacts`, those of a logged model below
    `<experiment id>/models/<model id>/artifacts`.

    Every method raises `InvalidInputError` for a path that `check_file_path` refuses; the root is `""` where a folder
    may be named.
    """

    @abstractmethod
    def put(self, path: str, digest: Digest, size_bytes: int, at: datetime) -> None:
        """Name some stored bytes, replacing the file of that path; the folders above are made.

        Raises:
            ConflictError: There is a folder of that path, or a part above it is a file.
        """

    @abstractmethod
    def find(self, path: str) -> FileRecord | None:
        """The file or folder of that path."""

    @abstractmethod
    def list(self, path: str = "", *, limit: int | None = None, after: str = "") -> list[FileRecord]:
        """What stands directly in a folder, by name; empty when it is not there, or is a file.

        Args:
            path: The folder; "" is the root.
            limit: Most records to give; all when None.
            after: Only names behind this one.
        """

    @abstractmethod
    def walk(self, path: str = "") -> Iterator[FileRecord]:
        """Every file below a folder (no folders), in order of folder, then name; read in pages."""

    @abstractmethod
    def delete(self, path: str) -> int:
        """Remove a file, or a folder with everything below it; blobs are left to garbage collection.

        Returns:
            How many files were removed; 0 when nothing was there.
        """

    @abstractmethod
    def is_named(self, digest: Digest) -> bool:
        """Whether any file has these bytes."""

    @abstractmethod
    def iter_digests(self) -> Iterator[Digest]:
        """The digest of every file, in no order, and some more than once; read in pages."""
