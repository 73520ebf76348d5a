"""Makes a workspace from a backup."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from millwright.core.errors import AlreadyExistsError, ConflictError, IntegrityError, StoreVersionError
from millwright.core.ids import new_id
from millwright.workspace.location import store_urls
from millwright.workspace.maintenance.archive import ArchiveReader
from millwright.workspace.maintenance.backup import BLOBS, FOLDERS, RECORDS, local_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from millwright.workspace.workspace import Workspace


@dataclass(frozen=True, kw_only=True, slots=True)
class Restored:
    """What came back."""

    rows: int
    blobs: int
    files: int


def restore(workspace: Workspace, source: Path) -> Restored:
    """Fill an empty workspace from a backup, every byte of which is checked first.

    The records come last, as one change: a process that is killed before leaves a workspace without records, into which
    the same backup can be restored again.

    Raises:
        NotFoundError: There is no backup.
        InvalidInputError: It is no backup.
        IntegrityError: It is damaged.
        StoreVersionError: Another version of Millwright made it.
        ConflictError: The workspace is not empty.
    """
    reader = ArchiveReader(source)
    try:
        stores = workspace.stores
        revision = reader.manifest.get("revision")
        if revision != stores.snapshots.revision:
            raise StoreVersionError(
                f"Expected a backup of tables at revision {stores.snapshots.revision}, found {revision} "
                f"(made by Millwright {reader.manifest.get('millwright')}).",
                hint="Restore it with that version of Millwright, then upgrade.",
            )
        if not stores.snapshots.is_empty():
            raise ConflictError(
                f"Expected the workspace {workspace.folder} to be empty, found records.",
                hint="Restore into a new folder: mw --workspace NEW restore …",
            )
        reader.check()
        blobs = _restore_blobs(workspace, reader)
        files = sum(_restore_folder(workspace, reader, name) for name in FOLDERS)
        rows = stores.snapshots.load(_lines(reader.chunks(RECORDS)))
    finally:
        reader.close()
    stores.audit.append(
        at=workspace.clock.now(),
        actor=workspace.actor,
        action="workspace.restore",
        subject="workspace",
        details={"rows": rows, "blobs": blobs, "files": files, "made_at": str(reader.manifest.get("made_at"))},
    )
    return Restored(rows=rows, blobs=blobs, files=files)


def _restore_blobs(workspace: Workspace, reader: ArchiveReader) -> int:
    names = reader.names(BLOBS)
    for name in names:
        with workspace.stores.artifacts.writer() as writer:
            for chunk in reader.chunks(name):
                writer.write(chunk)
            if writer.finish() != name.removeprefix(BLOBS):
                raise IntegrityError(f"The blob {name} of the backup has other bytes than its name says.")
    return len(names)


def _restore_folder(workspace: Workspace, reader: ArchiveReader, kind: str) -> int:
    names = reader.names(f"{kind}/")
    folder = local_folder(getattr(store_urls(workspace.folder, workspace.settings), kind))
    if names and folder is None:
        raise ConflictError(
            f"Expected a local folder for {kind}, found a URL in the settings.",
            hint=f"Restore with the setting '{kind}' left out, then move the folder.",
        )
    for name in names:
        assert folder is not None  # noqa: S101 - said above, for the type checker
        path = folder / name.removeprefix(f"{kind}/")
        if path.is_symlink():
            raise AlreadyExistsError(f"There is a link at {path}.", hint="Restore into a new workspace.")
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".partial-{new_id()}")
        with partial.open("xb") as file:
            for chunk in reader.chunks(name):
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    return len(names)


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
    if rest:
        yield rest
