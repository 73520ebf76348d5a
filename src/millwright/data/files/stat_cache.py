"""Digests of files that have not changed since they were last read, by what the file system says of them.

Size, times and inode tell a change, but for one: a file that is written twice within a tick of the file system's clock.
So a file that was written less than two seconds before it was read is read again next time (as git does).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from millwright.core.ids import Digest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from millwright.core.folder_scan import FoundFile

_TICK_NS = 2_000_000_000
_FORMAT = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class _Document:
    format: int
    folder: str
    files: dict[str, tuple[tuple[int, int, int, int], str]]


class StatCache:
    """Digests of one folder's files. A lost or damaged cache costs time and nothing else.

    Args:
        place: The file that keeps them; its folder is made.
        folder: Whose files they are; those of another folder count for nothing.
    """

    def __init__(self, place: Path, folder: Path) -> None:
        self._place = place
        self._folder = str(folder.resolve())
        self._known = self._load()

    def find(self, file: FoundFile) -> Digest | None:
        """The digest of a file's bytes; None when it may have changed."""
        state, digest = self._known.get(file.path, (None, ""))
        return Digest(digest) if state == file.state else None

    def keep(self, digests: Mapping[FoundFile, Digest], *, read_ns: int) -> None:
        """Remember digests in place of all former ones.

        Args:
            digests: Of files as they were found.
            read_ns: When reading them began, in nanoseconds since 1970.
        """
        files = {
            file.path: (file.state, str(digest))
            for file, digest in digests.items()
            if max(file.modified_ns, file.changed_ns) < read_ns - _TICK_NS
        }
        self._place.parent.mkdir(parents=True, exist_ok=True)
        partial = self._place.with_name(f"{self._place.name}.{os.getpid()}")
        partial.write_bytes(msgspec.msgpack.encode(_Document(format=_FORMAT, folder=self._folder, files=files)))
        partial.replace(self._place)

    def _load(self) -> dict[str, tuple[tuple[int, int, int, int], str]]:
        try:
            document = msgspec.msgpack.decode(self._place.read_bytes(), type=_Document)
        except (OSError, msgspec.DecodeError):
            return {}
        return document.files if (document.format, document.folder) == (_FORMAT, self._folder) else {}
