"""Folders on this machine."""

from __future__ import annotations

import contextlib
import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from millwright.core.errors import StorageError
from millwright.storage.base.folder import CHUNK_BYTES, Folder, NewFile, changed_source, checked_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from millwright.core.ids import Digest

_PARTIAL = ".partial-"  # begins the names of files that are being written
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_OURS_ALONE, _FOR_THE_TEAM = 0o600, 0o644  # while it is written, and once it is whole
_ASIDE = ".aside-"  # begins the names of files that are about to be removed, unless somebody wants them after all


class LocalFolder(Folder):
    """A folder on this machine: temporary name, fsync, rename, fsync of the folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def write(self, name: str, data: bytes) -> None:
        """See `Folder.write`."""
        self.write_soon(name, data)()

    def write_soon(self, name: str, data: bytes) -> Callable[[], None]:
        """See `Folder.write_soon`: what takes most of the time is the wait for the disk, which is left."""
        checked_name(name)
        with self._new_file() as file:
            file.write(data)
            return file.keep_soon(name)

    def sync(self, name: str) -> None:
        """See `Folder.sync`."""
        path = self._path(name)
        with _LocalErrors(self._root), path.open("rb") as file:
            os.fsync(file.fileno())
            _sync_folder(path.parent)

    def copy_in(self, name: str, source: Path, digest: Digest) -> None:
        """See `Folder.copy_in`."""
        checked_name(name)
        with source.open("rb") as original, self.new_file() as file:
            state = hashlib.sha256()
            while chunk := original.read(CHUNK_BYTES):
                state.update(chunk)
                file.write(chunk)
            if state.hexdigest() != digest:
                raise changed_source(source)
            file.keep(name)

    def new_file(self) -> contextlib.AbstractContextManager[NewFile]:
        """See `Folder.new_file`; a file of a temporary name in the folder itself, renamed when kept."""
        return self._new_file()

    @contextlib.contextmanager
    def _new_file(self) -> Iterator[_LocalNewFile]:
        partial = f"{self._root}{os.sep}{_PARTIAL}{os.urandom(8).hex()}"
        with _LocalErrors(self._root):
            try:
                number = os.open(partial, _NEW, _OURS_ALONE)
            except FileNotFoundError:
                _make_folders(self._root)
                number = os.open(partial, _NEW, _OURS_ALONE)
        file = _LocalNewFile(self._root, number, partial)
        try:
            yield file
        finally:
            file.close()

    def read(self, name: str) -> bytes | None:
        """See `Folder.read`."""
        with _LocalErrors(self._root):
            try:
                return self._path(name).read_bytes()
            except FileNotFoundError:
                return None

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[BinaryIO | None]:
        """See `Folder.open`."""
        with _LocalErrors(self._root):
            try:
                file = self._path(name).open("rb")
            except FileNotFoundError:
                file = None
        if file is None:
            yield None
            return
        with file:
            yield file

    @contextlib.contextmanager
    def local_file(self, name: str) -> Iterator[Path | None]:
        """See `Folder.local_file`; it is the stored file itself."""
        path = self._path(name)
        yield path if path.is_file() else None

    def size(self, name: str) -> int | None:
        """See `Folder.size`."""
        with _LocalErrors(self._root):
            try:
                path = f"{self._root}{os.sep}{checked_name(name)}"  # a text, as in `_LocalNewFile`
                return os.stat(path).st_size  # noqa: PTH116
            except FileNotFoundError:
                return None

    def renew(self, name: str) -> bool:
        """See `Folder.renew`."""
        with _LocalErrors(self._root):
            try:
                os.utime(f"{self._root}{os.sep}{checked_name(name)}")  # a text, as in `_LocalNewFile`
            except FileNotFoundError:
                return False
        return True

    def written_at(self, name: str) -> datetime | None:
        """See `Folder.written_at`."""
        with _LocalErrors(self._root):
            try:
                return datetime.fromtimestamp(self._path(name).stat().st_mtime, UTC)
            except FileNotFoundError:
                return None

    def delete(self, name: str) -> None:
        """See `Folder.delete`."""
        with _LocalErrors(self._root):
            self._path(name).unlink(missing_ok=True)

    def prune(self, name: str) -> None:
        """See `Folder.prune`."""
        with contextlib.suppress(OSError):  # not there, or somebody has just put something into it
            self._path(name).rmdir()

    def discard(self, name: str, *, before: datetime, wanted: Callable[[], bool]) -> bool:
        """See `Folder.discard`.

        The file is set aside first. Whoever wants it from then on finds it missing and writes it again; whoever
        renewed it until then shows in its time.
        """
        path = self._path(name)
        with _LocalErrors(self._root):
            try:
                if path.stat().st_mtime >= before.timestamp():
                    return False
                aside = path.rename(path.with_name(f"{_ASIDE}{path.name}"))
            except FileNotFoundError:
                return False
            removed = False
            try:
                if aside.stat().st_mtime < before.timestamp() and not wanted():
                    aside.unlink()
                    removed = True
            finally:
                if not removed:
                    aside.replace(path)
        return removed

    def tidy(self, *, before: datetime) -> int:
        """See `Folder.tidy`; files that were set aside come back first."""
        removed = 0
        with _LocalErrors(self._root):
            for path in list(self._root.rglob(f"{_ASIDE}*")):
                path.replace(path.with_name(path.name.removeprefix(_ASIDE)))
            for path in list(self._root.rglob(f"{_PARTIAL}*")):
                with contextlib.suppress(FileNotFoundError):
                    if path.stat().st_mtime < before.timestamp():
                        path.unlink()
                        removed += 1
        return removed

    def list(self, name: str) -> list[str]:
        """See `Folder.list`."""
        with _LocalErrors(self._root):
            try:
                names = [path.name for path in self._path(name).iterdir()]
            except FileNotFoundError:
                return []
        return sorted(name for name in names if not name.startswith((_PARTIAL, _ASIDE)))

    def _path(self, name: str) -> Path:
        return self._root / checked_name(name)


class _LocalNewFile(NewFile):
    """See `NewFile`; paths are texts: each step of a pipeline waits for this, and `Path` takes a part of the time."""

    def __init__(self, root: Path, number: int, partial: str) -> None:
        self._root = root
        self._file = os.fdopen(number, "wb")
        self._partial = partial
        self._is_kept = False

    def write(self, data: bytes) -> None:
        with _LocalErrors(self._root):
            self._file.write(data)

    def keep(self, name: str) -> None:
        self.keep_soon(name)()

    def keep_soon(self, name: str) -> Callable[[], None]:
        """Make the file of that name; it is durable once what is given back has been called."""
        path = f"{self._root}{os.sep}{checked_name(name)}"
        folder = os.path.dirname(path)  # noqa: PTH120
        with _LocalErrors(self._root):
            self._file.flush()
            number = os.dup(self._file.fileno())
            self._file.close()
            os.chmod(self._partial, _FOR_THE_TEAM)  # noqa: PTH101
            parents: list[Path] = []
            try:
                os.replace(self._partial, path)  # noqa: PTH105
            except FileNotFoundError:
                parents = _made_folders(Path(folder))
                os.replace(self._partial, path)  # noqa: PTH105
            self._is_kept = True

        def make_durable() -> None:
            with _LocalErrors(self._root):
                try:
                    os.fsync(number)
                finally:
                    os.close(number)
                for each in (*parents, Path(folder)):
                    _sync_folder(each)

        return make_durable

    def close(self) -> None:
        with contextlib.suppress(OSError):  # bytes that found no room were told of already
            self._file.close()
        if not self._is_kept:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._partial)  # noqa: PTH108


class _LocalErrors:
    """A context whose errors of the system are ours; no generator, since each step of a pipeline enters it often."""

    __slots__ = ("_root",)

    def __init__(self, root: Path) -> None:
        self._root = root

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, OSError):
            raise StorageError(
                f"Cannot use {error.filename or self._root}: {error.strerror or error}.",
                hint="Check the path, its permissions and the room on the disk.",
            ) from error


def _make_folders(folder: Path) -> None:
    for parent in _made_folders(folder):
        _sync_folder(parent)


def _made_folders(folder: Path) -> list[Path]:
    """Make a folder and those that it is in; what is to be synced, since a new folder lasts only once its parent is."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for new in reversed(missing):
        new.mkdir(exist_ok=True)
    return [new.parent for new in reversed(missing)]


def _sync_folder(folder: str | Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
