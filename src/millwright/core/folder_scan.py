"""What is in a folder: its files by relative path, and nothing from outside of it."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundFile:
    """A file in a folder.

    Attributes:
        path: Relative to the folder, parts joined by `/`.
        size_bytes: Its size.
        modified_ns: When its bytes were last written, in nanoseconds since 1970.
        changed_ns: When anything about it last changed, likewise.
        inode: Which file it is on its disk.
    """

    path: str
    size_bytes: int
    modified_ns: int
    changed_ns: int
    inode: int

    @property
    def state(self) -> tuple[int, int, int, int]:
        """What is another one when the file was written to or replaced."""
        return (self.size_bytes, self.modified_ns, self.changed_ns, self.inode)


def scan_folder(folder: Path) -> list[FoundFile]:
    """The files in a folder and the folders in it, by path; symbolic links to files in it count as files.

    Raises:
        NotFoundError: There is no such folder.
        InvalidInputError: It is no folder, or holds what cannot be kept: a link to a folder or out of it, a pipe or a
            device, a name that is no text.
    """
    if not folder.exists():
        raise NotFoundError(f"There is no folder {folder}.", hint="Name a folder that exists.")
    if not folder.is_dir():
        raise InvalidInputError(f"Expected a folder, found a file: {folder}.", hint="Name the folder that it is in.")
    root = folder.resolve()
    return sorted(_walk(root, root, ""), key=lambda found: found.path)


def stat_file(folder: Path, path: str) -> FoundFile:
    """A file as it is now.

    Raises:
        FileNotFoundError: It has gone.
    """
    return _found(path, (folder / path).stat())


def check_path(path: str) -> str:
    """A path of a manifest, if it stays inside of whatever folder it is put into.

    Raises:
        InvalidInputError: It is absolute, or leaves the folder, or is no ordinary path.
    """
    parts = path.split("/")
    is_plain = not any(part in {"", ".", ".."} for part in parts) and "\0" not in path and "\\" not in path
    if not is_plain or PurePosixPath(path).is_absolute() or ":" in parts[0][1:2]:
        raise InvalidInputError(
            f"Expected a path inside of the folder, found {path[:80]!r}.",
            hint="Rename the file; paths are relative, their parts joined by '/', without '..' or backslashes.",
        )
    return path


def _walk(root: Path, folder: Path, prefix: str) -> Iterator[FoundFile]:
    with os.scandir(folder) as entries:
        for entry in entries:
            path = prefix + entry.name
            try:
                path.encode()
            except UnicodeEncodeError as error:
                raise InvalidInputError(
                    f"Expected names of files in UTF-8, found {path!r}.", hint="Rename the file."
                ) from error
            if entry.is_symlink():
                yield _linked(root, path)
            elif entry.is_dir(follow_symlinks=False):
                yield from _walk(root, Path(entry.path), path + "/")
            else:
                yield _regular(path, entry.stat(follow_symlinks=False))


def _linked(root: Path, path: str) -> FoundFile:
    target = (root / path).resolve()
    if not target.is_relative_to(root):
        raise InvalidInputError(
            f"Expected files of the folder only, found '{path}', a link out of it.",
            hint="Put the file itself there, or remove the link.",
        )
    if not target.is_file():
        raise InvalidInputError(
            f"Expected links to files, found '{path}', a link to a folder or to nothing.", hint="Remove the link."
        )
    return _regular(path, target.stat())


def _regular(path: str, told: os.stat_result) -> FoundFile:
    if not stat.S_ISREG(told.st_mode):
        raise InvalidInputError(f"Expected files, found '{path}', a pipe or a device.", hint="Remove it.")
    return _found(check_path(path), told)


def _found(path: str, told: os.stat_result) -> FoundFile:
    return FoundFile(
        path=path,
        size_bytes=told.st_size,
        modified_ns=told.st_mtime_ns,
        changed_ns=told.st_ctime_ns,
        inode=told.st_ino,
    )
