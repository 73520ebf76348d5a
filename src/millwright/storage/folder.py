"""Folders of files, local or anywhere fsspec reaches, in which a file is there whole or not at all.

The artifact and prediction back-ends both stand on this, so that durability is decided in one place.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from millwright.core.digest import digest_file
from millwright.core.errors import (
    ConfigurationError,
    IntegrityError,
    InvalidInputError,
    MissingExtraError,
    StorageError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.core.ids import Digest

_PARTIAL = ".partial-"  # begins the names of files that are being written
_CHUNK_BYTES = 1 << 20


class Folder(ABC):
    """Files by relative name (parts joined by `/`), written once and durable when the writing method returns.

    Raises:
        StorageError: The place cannot be reached, or the permission is missing.
        InvalidInputError: A name is absolute or leads out of the folder.
    """

    @abstractmethod
    def write(self, name: str, data: bytes) -> None:
        """Make (or replace) a file; readers see the old bytes or the new ones, never a part."""

    @abstractmethod
    def copy_in(self, name: str, source: Path, digest: Digest) -> None:
        """Make (or replace) a file from a local one, chunk by chunk.

        Raises:
            IntegrityError: What was copied has another digest, since the source changed; nothing is left of it.
        """

    @abstractmethod
    def read(self, name: str) -> bytes | None:
        """A file's bytes; None when it is not there."""

    @abstractmethod
    def local_file(self, name: str) -> contextlib.AbstractContextManager[Path | None]:
        """A local file with the bytes, valid inside the context; None when it is not there."""

    @abstractmethod
    def size(self, name: str) -> int | None:
        """A file's size in bytes; None when it is not there."""

    @abstractmethod
    def delete(self, name: str) -> None:
        """Remove a file; nothing happens when it is not there."""

    @abstractmethod
    def list(self, name: str) -> list[str]:
        """Names (last part only) of the files and folders in a sub-folder, sorted; empty when it is not there."""


def open_folder(url: str) -> Folder:
    """The folder at a local path or at a URL of any kind that fsspec knows.

    Args:
        url: `/some/path`, `file:///some/path`, `s3://bucket/prefix`, `memory://name`, ….

    Raises:
        ConfigurationError: The kind of URL is unknown.
        MissingExtraError: The library for that kind of URL is not installed.
    """
    scheme, separator, rest = url.partition("://")
    if not separator:
        return LocalFolder(Path(url).absolute())
    if scheme in {"file", "local"}:
        return LocalFolder(Path(rest).absolute())
    import fsspec

    try:
        filesystem, root = fsspec.core.url_to_fs(url)
    except ImportError as error:
        raise MissingExtraError(f"the fsspec file system for {scheme}://", scheme) from error
    except ValueError as error:
        raise ConfigurationError(
            f"Expected a local path or a URL of a kind that fsspec knows, found {scheme}://…: {error}.",
            hint="Use a local path, or for example s3://bucket/prefix.",
        ) from error
    return RemoteFolder(filesystem, root)


class LocalFolder(Folder):
    """A folder on this machine: temporary name, fsync, rename, fsync of the folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def write(self, name: str, data: bytes) -> None:
        """See `Folder.write`."""
        with self._new_file(name) as file:
            file.write(data)

    def copy_in(self, name: str, source: Path, digest: Digest) -> None:
        """See `Folder.copy_in`."""
        with source.open("rb") as original, self._new_file(name) as file:
            state = hashlib.sha256()
            while chunk := original.read(_CHUNK_BYTES):
                state.update(chunk)
                file.write(chunk)
            if state.hexdigest() != digest:
                raise _changed(source)

    def read(self, name: str) -> bytes | None:
        """See `Folder.read`."""
        with _local_errors(self._root):
            try:
                return self._path(name).read_bytes()
            except FileNotFoundError:
                return None

    @contextlib.contextmanager
    def local_file(self, name: str) -> Iterator[Path | None]:
        """See `Folder.local_file`; it is the stored file itself."""
        path = self._path(name)
        yield path if path.is_file() else None

    def size(self, name: str) -> int | None:
        """See `Folder.size`."""
        with _local_errors(self._root):
            try:
                return self._path(name).stat().st_size
            except FileNotFoundError:
                return None

    def delete(self, name: str) -> None:
        """See `Folder.delete`."""
        with _local_errors(self._root):
            self._path(name).unlink(missing_ok=True)

    def list(self, name: str) -> list[str]:
        """See `Folder.list`."""
        with _local_errors(self._root):
            try:
                names = [path.name for path in self._path(name).iterdir()]
            except FileNotFoundError:
                return []
        return sorted(name for name in names if not name.startswith(_PARTIAL))

    def _path(self, name: str) -> Path:
        return self._root / _checked(name)

    @contextlib.contextmanager
    def _new_file(self, name: str) -> Iterator[Any]:
        path = self._path(name)
        with _local_errors(self._root):
            _make_folders(path.parent)
            number, partial = tempfile.mkstemp(prefix=_PARTIAL, dir=path.parent)
            try:
                with os.fdopen(number, "wb") as file:
                    yield file
                    file.flush()
                    os.fsync(file.fileno())
                Path(partial).chmod(0o644)  # mkstemp's 0600 would shut out the rest of a team
                Path(partial).replace(path)
            except BaseException:
                with contextlib.suppress(FileNotFoundError):
                    Path(partial).unlink()
                raise
            _sync_folder(path.parent)


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
        with self._errors():
            self._filesystem.put_file(str(source), self._path(name))
        if digest_file(source) != digest:
            self.delete(name)
            raise _changed(source)

    def read(self, name: str) -> bytes | None:
        """See `Folder.read`."""
        with self._errors():
            try:
                return bytes(self._filesystem.cat_file(self._path(name)))
            except FileNotFoundError:
                return None

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
        return f"{self._root}/{_checked(name)}"

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StorageError(
                f"Cannot use the folder {self._root}: {error}.",
                hint="Check the URL, the network and the credentials.",
            ) from error


@contextlib.contextmanager
def _local_errors(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"Cannot use {error.filename or root}: {error.strerror or error}.",
            hint="Check the path, its permissions and the room on the disk.",
        ) from error


def _changed(source: Path) -> IntegrityError:
    return IntegrityError(f"The file {source} changed while it was stored.", hint="Store it when it is complete.")


def _checked(name: str) -> str:
    parts = name.split("/")
    if name and ("\\" in name or "\0" in name or any(part in {"", ".", ".."} for part in parts)):
        raise InvalidInputError(f"Expected a name inside the folder, found {name!r}.", hint="Use a plain name.")
    return name


def _make_folders(folder: Path) -> None:
    # A new folder lasts only once its parent is synced, so each level is.
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for new in reversed(missing):
        new.mkdir(exist_ok=True)
        _sync_folder(new.parent)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
