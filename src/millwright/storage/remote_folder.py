"""Folders on any file system that fsspec knows."""

from __future__ import annotations

import contextlib
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from millwright.core.digest import digest_file
from millwright.core.errors import StorageError
from millwright.storage.base.folder import CHUNK_BYTES, Folder, NewFile, changed_source, checked_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from millwright.core.ids import Digest

_STILL_FRESH = timedelta(hours=1)


class RemoteFolder(Folder):
    """A folder on any fsspec file system whose writes of one object are atomic, as those of object stores are."""

    def __init__(self, filesystem: Any, root: str) -> None:
        self._filesystem = filesystem
        self._root = root.rstrip("/")

    def write(self, name: str, data: bytes) -> None:
        """See `Folder.write`."""
        with self._errors():
            self._filesystem.pipe_file(self._path(name), data)

    def copy_in(self, name: str, source: Path, digest: Digest) -> None:
        """See `Folder.copy_in`; a reader that comes before the check may see the wrong bytes."""
        self.send(name, source)
        if digest_file(source) != digest:
            self.delete(name)
            raise changed_source(source)

    @contextlib.contextmanager
    def new_file(self) -> Iterator[NewFile]:
        """See `Folder.new_file`; a local file that is sent when it is kept, since objects cannot be renamed."""
        with tempfile.TemporaryDirectory(prefix="millwright-") as folder, (Path(folder) / "file").open("wb") as file:
            yield _RemoteNewFile(self, file)

    def send(self, name: str, source: Path) -> None:
        """Make (or replace) a file from a local one."""
        with self._errors():
            self._filesystem.put_file(str(source), self._path(name))

    def read(self, name: str) -> bytes | None:
        """See `Folder.read`."""
        with self._errors():
            try:
                return bytes(self._filesystem.cat_file(self._path(name)))
            except FileNotFoundError:
                return None

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[BinaryIO | None]:
        """See `Folder.open`; at most two chunks are in memory."""
        with self._errors():
            try:
                file = self._filesystem.open(self._path(name), "rb", block_size=CHUNK_BYTES, cache_type="readahead")
            except FileNotFoundError:
                file = None
        if file is None:
            yield None
            return
        with file:
            yield cast("BinaryIO", file)

    @contextlib.contextmanager
    def local_file(self, name: str) -> Iterator[Path | None]:
        """See `Folder.local_file`; a copy that is removed at the end."""
        with tempfile.TemporaryDirectory(prefix="millwright-") as folder:
            copy = Path(folder) / "file"
            with self._errors():
                try:
                    self._filesystem.get_file(self._path(name), str(copy))
                except FileNotFoundError:
                    copy.unlink(missing_ok=True)
            yield copy if copy.is_file() else None

    def size(self, name: str) -> int | None:
        """See `Folder.size`."""
        with self._errors():
            try:
                return int(self._filesystem.size(self._path(name)))
            except FileNotFoundError:
                return None

    def renew(self, name: str) -> bool:
        """See `Folder.renew`; objects have no time that can be set, so one that is not new is written again."""
        written = self.written_at(name)
        return written is not None and written > datetime.fromtimestamp(time.time(), UTC) - _STILL_FRESH

    def prune(self, name: str) -> None:
        """See `Folder.prune`; object stores have no folders."""
        checked_name(name)

    def discard(self, name: str, *, before: datetime, wanted: Callable[[], bool]) -> bool:
        """See `Folder.discard`; `before` must be some hours ago, since files that count as new are not renewed."""
        written = self.written_at(name)
        if written is None or written >= before or wanted():
            return False
        self.delete(name)
        return True

    def tidy(self, *, before: datetime) -> int:
        """See `Folder.tidy`; object stores show nothing of what was not sent whole."""
        del before
        return 0

    def written_at(self, name: str) -> datetime | None:
        """See `Folder.written_at`."""
        with self._errors():
            self._filesystem.invalidate_cache()
            try:
                return cast("datetime", self._filesystem.modified(self._path(name))).astimezone(UTC)
            except (FileNotFoundError, NotImplementedError):
                return None

    def delete(self, name: str) -> None:
        """See `Folder.delete`."""
        with self._errors(), contextlib.suppress(FileNotFoundError):
            self._filesystem.rm_file(self._path(name))

    def list(self, name: str) -> list[str]:
        """See `Folder.list`."""
        with self._errors():
            # Object stores keep listings; what another process wrote a moment ago must be seen.
            self._filesystem.invalidate_cache()
            try:
                found = self._filesystem.ls(self._path(name), detail=False)
            except FileNotFoundError:
                return []
        return sorted({PurePosixPath(path).name for path in found})

    def _path(self, name: str) -> str:
        return f"{self._root}/{checked_name(name)}"

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StorageError(
                f"Cannot use the folder {self._root}: {error}.",
                hint="Check the URL, the network and the credentials.",
            ) from error


class _RemoteNewFile(NewFile):
    def __init__(self, folder: RemoteFolder, file: BinaryIO) -> None:
        self._folder = folder
        self._file = file

    def write(self, data: bytes) -> None:
        self._file.write(data)

    def keep(self, name: str) -> None:
        self._file.close()
        self._folder.send(name, Path(self._file.name))
