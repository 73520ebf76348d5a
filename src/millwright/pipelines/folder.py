"""Folders of files as values between steps."""

from __future__ import annotations

import os
import shutil
import weakref
from pathlib import Path
from typing import Protocol

from millwright.core.folder_scan import scan_folder
from millwright.core.temporary_folder import new_temporary_folder


class FolderContent(Protocol):
    """The files of a folder that is stored."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Of all files, relative to the folder, parts joined by `/`, sorted."""
        ...

    def write_to(self, target: Path, *, link: bool) -> None:
        """Put the files into an empty folder, as copies or as links that are for reading only."""
        ...


class Folder:
    """A folder of files that a step returns or is given: images, a tokenizer, a report with its pictures.

    What counts is the paths and bytes of the files, in all folders in it: times, permissions and empty folders do not,
    and are not kept. Each file is stored once by its content, so that a folder in which one file has changed costs one
    file.

        @mw.step
        def report(table: pl.DataFrame) -> mw.Folder:
            folder = mw.Folder.new()
            (folder / "index.html").write_text(page(table))
            return folder

    A folder that a step is given is its own: it is filled when its path is first asked for, what the step changes in it
    stays there, and it is removed when the step has ended. Links out of a folder are refused.

    Args:
        path: Where the files are; read when the step has returned.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path: Path | None = Path(path).absolute()
        self._linked: Path | None = None
        self._content: FolderContent | None = None

    @classmethod
    def new(cls) -> Folder:
        """An empty folder to be filled, which is removed when nobody has it any more."""
        made = cls("")
        made._path = _temporary_folder(made)
        return made

    @classmethod
    def of(cls, content: FolderContent) -> Folder:
        """A folder that is stored; filled on use."""
        made = cls("")
        made._path = None
        made._content = content
        return made

    @property
    def path(self) -> Path:
        """The folder, with files that may be changed."""
        if self._path is None and self._content is not None:
            self._path = self._filled(self._content, link=False)
        return self._path or Path()

    @property
    def linked(self) -> Path:
        """The folder for reading only, and quicker where it is large: links to the stored files, where they can be had.

        Whoever wrote to them would damage the store. Of a folder that is not stored yet it is the `path`.
        """
        if self._linked is None:
            self._linked = self.path if self._content is None else self._filled(self._content, link=True)
        return self._linked

    @property
    def files(self) -> tuple[str, ...]:
        """The paths of all files, relative to the folder, parts joined by `/`, sorted.

        Raises:
            NotFoundError: There is no such folder.
            InvalidInputError: It is no folder, or holds links out of it, pipes or devices.
        """
        if self._path is None and self._content is not None:
            return self._content.paths
        return tuple(found.path for found in scan_folder(self.path))

    @property
    def unchanged(self) -> FolderContent | None:
        """What is stored, if nobody has had the chance to change it."""
        return self._content if self._path is None else None

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    def __fspath__(self) -> str:
        return str(self.path)

    def __repr__(self) -> str:
        return f"Folder({str(self._path)!r})" if self._path else f"<Folder of {len(self.files)} stored files>"

    def _filled(self, content: FolderContent, *, link: bool) -> Path:
        target = _temporary_folder(self)
        content.write_to(target, link=link)
        return target


def _temporary_folder(owner: Folder) -> Path:
    path = new_temporary_folder("folder")
    weakref.finalize(owner, _remove, path, os.getpid())
    return path


def _remove(path: Path, maker: int) -> None:
    if os.getpid() == maker:  # a forked process ends without taking the folder from the one that made it
        shutil.rmtree(path, ignore_errors=True)
