"""Backs a workspace up while it is used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from millwright.core.errors import NotFoundError
from millwright.storage.base.snapshots import digests_in
from millwright.version import __version__
from millwright.workspace.location import store_urls
from millwright.workspace.maintenance.archive import ArchiveWriter, check_target
from millwright.workspace.maintenance.exclusion import exclusively

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.core.ids import Digest
    from millwright.workspace.workspace import Workspace

RECORDS = "records.jsonl"
BLOBS = "blobs/"
FOLDERS = ("datasets", "predictions")
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Backup:
    """What was backed up.

    Attributes:
        left_out: What is not in it, as sentences.
    """

    target: Path
    rows: int
    blobs: int
    files: int
    size_bytes: int
    left_out: tuple[str, ...] = ()


def back_up(workspace: Workspace, target: Path) -> Backup:
    """Write records of one moment, the blobs they name, datasets and predictions to a folder or a `.zip` file.

    Others may go on reading and writing. The target is there only when it is whole.

    Raises:
        AlreadyExistsError: There is something at the target.
        ConflictError: A collection or another backup is under way.
    """
    target = target.absolute()
    check_target(target)
    with exclusively(workspace.stores.leases, workspace.clock):
        archive = ArchiveWriter(target)
        try:
            work = _BackupWork(workspace, archive)
            work.add_records()
            work.add_blobs()
            left_out = work.add_folders()
            archive.finish(
                {
                    "millwright": __version__,
                    "revision": workspace.stores.snapshots.revision,
                    "made_at": workspace.clock.now().isoformat(),
                    "left_out": left_out,
                }
            )
        finally:
            archive.abandon()
    return Backup(
        target=target,
        rows=work.rows,
        blobs=work.blobs,
        files=work.files,
        size_bytes=work.size_bytes,
        left_out=tuple(left_out),
    )


class _BackupWork:
    """Writes one part after the other: first the records, then what they name, which was there before them."""

    def __init__(self, workspace: Workspace, archive: ArchiveWriter) -> None:
        self._workspace = workspace
        self._archive = archive
        self._named: set[Digest] = set()
        self.rows = self.blobs = self.files = self.size_bytes = 0

    def add_records(self) -> None:
        self._archive.add(RECORDS, self._lines())

    def _lines(self) -> Iterator[bytes]:
        for line in self._workspace.stores.snapshots.dump():
            self._named |= digests_in(line)
            self.rows += line.startswith(b"[")
            self.size_bytes += len(line)
            yield line

    def add_blobs(self) -> None:
        artifacts = self._workspace.stores.artifacts
        for digest in sorted(self._named):
            size = artifacts.size(digest)
            if size is None:  # something else that looks like a digest, or what a collection removed before
                continue
            self._archive.add(f"{BLOBS}{digest}", artifacts.read_chunks(digest))
            self.blobs += 1
            self.size_bytes += size

    def add_folders(self) -> list[str]:
        urls = store_urls(self._workspace.folder, self._workspace.settings)
        left_out = []
        for name in FOLDERS:
            url = getattr(urls, name)
            folder = local_folder(url)
            if folder is None:
                left_out.append(f"{name}: they are at {url.partition('://')[0]}://; keep versions of that place itself")
                continue
            for path in _files(folder):
                try:
                    self._archive.add(f"{name}/{path.relative_to(folder).as_posix()}", _chunks(path))
                except (FileNotFoundError, NotFoundError):  # removed meanwhile: nothing of the snapshot needs it
                    continue
                self.files += 1
                self.size_bytes += path.stat().st_size
        return left_out


def local_folder(url: str) -> Path | None:
    """The folder of a local URL or path; None for a remote one."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return Path(url)
    return Path(rest) if scheme in {"file", "local"} else None


def _files(folder: Path) -> list[Path]:
    found = [
        path for path in folder.rglob("*") if path.is_file() and not path.name.startswith((".partial-", ".aside-"))
    ]
    # The log of a Delta table comes first: the files that it names were there before it.
    return sorted(found, key=lambda path: ("_delta_log" not in path.parts, path))


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
