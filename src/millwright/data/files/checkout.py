"""The files of a version, put into a folder by copy or link."""

from __future__ import annotations

import os
import shutil
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import InvalidInputError, StorageError
from millwright.core.folder_scan import check_path
from millwright.core.ids import Digest, new_id
from millwright.core.progress import SilentProgress
from millwright.core.records.dataset import DatasetKind

if TYPE_CHECKING:
    from millwright.core.progress import Progress
    from millwright.data.datasets.dataset import Dataset
    from millwright.storage.base.artifacts import ArtifactStore


class Link(StrEnum):
    """How a file gets into the folder."""

    COPY = "copy"  # a file of its own, which may be changed
    HARD = "hard"  # the stored file under another name: takes no space, and is made read-only for all its names
    SYMBOLIC = "symbolic"  # a link to the stored file, likewise read-only; works across disks


def check_out(
    dataset: Dataset,
    target: Path,
    *,
    artifacts: ArtifactStore,
    link: Link = Link.COPY,
    progress: Progress | None = None,
) -> int:
    """Put a version's files into a folder, which then is there whole or not at all.

    Every file's bytes are compared with its digest first. Times are those of the manifest for copies.

    Args:
        dataset: A version of kind `FILES`.
        target: A folder that is not there yet, or is empty.
        artifacts: Where the bytes are; for links, a store on this machine.
        link: How.
        progress: Is told of each file.

    Returns:
        How many files there are.

    Raises:
        InvalidInputError: The version holds no files or a path that leaves the folder, the target is in use, or links
            cannot be made.
        NotFoundError: A blob is not there.
        IntegrityError: A blob is damaged.
    """
    if dataset.record.kind is not DatasetKind.FILES:
        raise InvalidInputError(
            f"Expected a dataset of files, found {dataset.record.ref} of kind '{dataset.record.kind}'.",
            hint=f"Look at its rows instead: mw data show {dataset.record.ref}",
        )
    if target.is_symlink() or (target.exists() and (not target.is_dir() or any(target.iterdir()))):
        raise InvalidInputError(
            f"Expected a folder that is not there or empty, found {target} in use.", hint="Name another folder."
        )
    rows = dataset.read(["path", "digest", "modified"]).with_columns(pl.col("modified").dt.epoch("us") * 1000).rows()
    for path, _, _ in rows:
        check_path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.parent / f".{target.name}.{new_id()}.partial"
    try:
        partial.mkdir()
        with (progress or SilentProgress()).task("Checking out", total=len(rows)) as task:
            for path, digest, modified in rows:
                place = partial / path
                place.parent.mkdir(parents=True, exist_ok=True)
                _put(Digest(digest), place, artifacts, link)
                if link is Link.COPY:
                    os.utime(place, ns=(modified, modified))
                task.advance()
        if target.exists():
            target.rmdir()
        partial.rename(target)
    except OSError as error:
        raise StorageError(
            f"Cannot check out into {target}: {error.strerror}.", hint="Look at the disk's space and permissions."
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return len(rows)


def _put(digest: Digest, place: Path, artifacts: ArtifactStore, link: Link) -> None:
    with artifacts.local_path(digest) as stored:
        if link is Link.COPY:
            shutil.copyfile(stored, place)
            return
        source = stored.resolve()
        if link is Link.SYMBOLIC:
            place.symlink_to(source)
        else:
            _link_hard(source, place)
    if not source.exists():  # it was fetched for us, and has gone again
        raise InvalidInputError(
            "Expected stored files on this machine, found a remote store.", hint="Check out with --link copy."
        )
    Path(source).chmod(0o444)


def _link_hard(source: Path, place: Path) -> None:
    try:
        place.hardlink_to(source)
    except OSError as error:
        raise InvalidInputError(
            f"Expected {place.parent} on the disk of the stored files, found that no link can be made there "
            f"({error.strerror}).",
            hint="Check out with --link symbolic or copy.",
        ) from error
