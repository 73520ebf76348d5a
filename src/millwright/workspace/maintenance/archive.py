"""A backup as a folder or as one zip file: entries by name, each with its size and digest in the manifest."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import zipfile
from typing import IO, TYPE_CHECKING, Any

from millwright.core.errors import AlreadyExistsError, IntegrityError, InvalidInputError, NotFoundError
from millwright.core.ids import new_id
from millwright.core.records.file import check_file_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

MANIFEST = "manifest.json"
_CHUNK_BYTES = 1 << 20
_FORMAT = 1


class ArchiveWriter:
    """Writes a backup beside its target, which is there only when it is whole.

    Args:
        target: A folder, or a file that ends in `.zip`.
    """

    def __init__(self, target: Path) -> None:
        self._target = target
        self._partial = target.with_name(f".{target.name}.partial-{new_id()}")
        self._zip = zipfile.ZipFile(self._partial, "x", zipfile.ZIP_DEFLATED, True, 1) if _is_zip(target) else None
        self._entries: dict[str, dict[str, Any]] = {}

    def add(self, name: str, chunks: Iterable[bytes]) -> None:
        """Write an entry."""
        state, size = hashlib.sha256(), 0
        with self._opened(name) as file:
            for chunk in chunks:
                state.update(chunk)
                size += len(chunk)
                file.write(chunk)
            if self._zip is None:
                file.flush()
                os.fsync(file.fileno())
        self._entries[name] = {"size_bytes": size, "sha256": state.hexdigest()}

    def finish(self, facts: dict[str, Any]) -> None:
        """Write the manifest and put the backup in its place, durably."""
        manifest = {"format": _FORMAT, **facts, "entries": self._entries}
        text = json.dumps(manifest, indent=1, sort_keys=True).encode()
        self.add(MANIFEST, [text])
        if self._zip is not None:
            self._zip.close()
            with self._partial.open("rb") as file:
                os.fsync(file.fileno())
        self._partial.rename(self._target)

    def abandon(self) -> None:
        """Leave nothing, if it was not finished."""
        if self._zip is not None:
            self._zip.close()
        if self._partial.is_dir():
            shutil.rmtree(self._partial, ignore_errors=True)
        else:
            self._partial.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _opened(self, name: str) -> Iterator[IO[bytes]]:
        if self._zip is not None:
            with self._zip.open(name, "w", force_zip64=True) as entry:
                yield entry
            return
        path = self._partial / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with path.open("xb") as file:
            yield file


class ArchiveReader:
    """Reads a backup; what is in it becomes a path only if its name is a plain one."""

    def __init__(self, source: Path) -> None:
        self._source = source
        self._zip: zipfile.ZipFile | None = None
        if not source.exists():
            raise NotFoundError(f"There is no backup at {source}.", hint="Name the folder or zip file of mw backup.")
        if source.is_file():
            try:
                self._zip = zipfile.ZipFile(source)
            except zipfile.BadZipFile as error:
                raise _no_backup(source, "a file that is not a zip file") from error
        self.manifest = self._read_manifest()

    def names(self, prefix: str) -> list[str]:
        """Names of entries that begin with a prefix."""
        return sorted(name for name in self.manifest["entries"] if name.startswith(prefix))

    def chunks(self, name: str) -> Iterator[bytes]:
        """An entry's bytes.

        Raises:
            IntegrityError: It is not there, or is not what was backed up; raised after the last piece.
        """
        entry = self.manifest["entries"][name]
        state = hashlib.sha256()
        try:
            with self._opened(name) as file:
                while chunk := file.read(_CHUNK_BYTES):
                    state.update(chunk)
                    yield chunk
        except (KeyError, OSError, zipfile.BadZipFile) as error:
            raise _damaged(self._source, name) from error
        if state.hexdigest() != entry["sha256"]:
            raise _damaged(self._source, name)

    def check(self) -> None:
        """Read every entry.

        Raises:
            IntegrityError: One is not what was backed up.
        """
        for name in self.manifest["entries"]:
            for _ in self.chunks(name):
                pass

    def close(self) -> None:
        """Close the zip file."""
        if self._zip is not None:
            self._zip.close()

    def _read_manifest(self) -> dict[str, Any]:
        try:
            with self._opened(MANIFEST) as file:
                manifest = json.loads(file.read())
            entries = manifest["entries"]
            for name, entry in entries.items():
                check_file_path(name)
                bytes.fromhex(entry["sha256"])
        except (KeyError, OSError, ValueError, TypeError, AttributeError, InvalidInputError) as error:
            raise _no_backup(self._source, "no manifest, or one that cannot be read") from error
        if manifest.get("format") != _FORMAT:
            raise _no_backup(self._source, f"the format {manifest.get('format')!r}")
        return dict(manifest)

    @contextlib.contextmanager
    def _opened(self, name: str) -> Iterator[IO[bytes]]:
        if self._zip is not None:
            with self._zip.open(name) as entry:
                yield entry
            return
        path = self._source / name
        if path.is_symlink() or not path.resolve().is_relative_to(self._source.resolve()):
            raise FileNotFoundError(path)
        with path.open("rb") as file:
            yield file


def check_target(target: Path) -> None:
    """Refuse a target that is there already.

    Raises:
        AlreadyExistsError: A file, or a folder with something in it.
        NotFoundError: The folder that it should be in is not there.
    """
    if not target.parent.is_dir():
        raise NotFoundError(f"There is no folder {target.parent}.", hint="Make it, or choose another place.")
    if target.is_dir() and not _is_zip(target) and not any(target.iterdir()):
        target.rmdir()
    if target.exists():
        raise AlreadyExistsError(f"There is something at {target} already.", hint="Choose a new name for the backup.")


def _is_zip(path: Path) -> bool:
    return path.suffix.lower() == ".zip"


def _no_backup(source: Path, found: str) -> InvalidInputError:
    return InvalidInputError(f"Expected a backup at {source}, found {found}.", hint="Name one that mw backup made.")


def _damaged(source: Path, name: str) -> IntegrityError:
    return IntegrityError(f"The backup {source} is damaged: '{name}' is not what was backed up.", hint="Use another.")
