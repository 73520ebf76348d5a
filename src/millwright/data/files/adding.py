"""A folder of files becomes a version of a dataset; only files whose bytes are new are stored."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import ConflictError, IntegrityError, InvalidInputError, NotFoundError
from millwright.core.folder_scan import FoundFile, scan_folder, stat_file
from millwright.core.progress import SilentProgress
from millwright.core.records.dataset import DatasetKind
from millwright.data.datasets.dataset import Dataset
from millwright.data.datasets.write_options import WriteOptions
from millwright.data.files.naming import name_files
from millwright.data.files.stat_cache import StatCache

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.core.clock import Clock
    from millwright.core.ids import Digest
    from millwright.core.progress import Progress
    from millwright.data.datasets.catalog import DatasetCatalog
    from millwright.storage.catalog import Stores

SCHEMA: dict[str, pl.DataType] = {
    "path": pl.String(),
    "size": pl.Int64(),
    "digest": pl.String(),
    "modified": pl.Datetime("us", "UTC"),
}
_THREADS = 8  # each waits for the disk most of the time
_ATTEMPTS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Added:
    """What became of a folder.

    Attributes:
        dataset: The version that holds its files; the latest one when they are the same.
        read: How many files were read; the others had not changed since the last time.
        stored_bytes: Of files whose bytes no version of the dataset had.
    """

    dataset: Dataset
    read: int
    stored_bytes: int


def add_folder(
    folder: Path,
    dataset: str,
    *,
    catalog: DatasetCatalog,
    stores: Stores,
    clock: Clock,
    cache: Path,
    progress: Progress | None = None,
) -> Added:
    """Record a folder's files as a version of a dataset.

    A process that dies on the way leaves the former version, and blobs that the next attempt finds or garbage
    collection removes. Files may be written meanwhile: one that changes while it is read is read again.

    Args:
        folder: With files, and folders of files; may be empty. Links out of it are refused.
        dataset: The dataset's name.
        catalog: Makes the version.
        stores: Where the bytes go.
        clock: Tells when a blob was named.
        cache: A file that tells next time which files have not changed.
        progress: Is told of each file that is read.

    Raises:
        NotFoundError: There is no such folder.
        InvalidInputError: It holds what cannot be kept, or the dataset holds rows that are no files.
        ConflictError: A file kept changing, or another process kept writing the dataset.
        StorageError: A store cannot be used.
    """
    latest = _latest(catalog, dataset)
    former = pl.DataFrame(schema=SCHEMA) if latest is None else latest.read()
    read_ns = time.time_ns()
    files = scan_folder(folder)
    known = StatCache(cache, folder)
    there = set(former["digest"])
    # A digest that the latest manifest names stands for a blob that is kept; of others nobody knows.
    digests = {file: found for file in files if (found := known.find(file)) in there and found is not None}
    changed = [file for file in files if file not in digests]
    with (
        (progress or SilentProgress()).task("Reading files", total=len(changed)) as task,
        ThreadPoolExecutor(_THREADS) as pool,
    ):
        root = folder.resolve()
        for file, digest in pool.map(lambda one: _store(root, one, stores), changed):
            digests[file] = digest
            task.advance()
    new = {digest: file.size_bytes for file, digest in digests.items() if digest not in there}
    manifest = _manifest(digests)
    if latest is None or not _same(former, manifest):
        # Named before a manifest does it: garbage collection removes what no record names.
        name_files(new, dataset, stores, clock.now())
        options = WriteOptions(
            source_uri=str(folder), key=("path",), details={"files_stored": len(new), "bytes_stored": sum(new.values())}
        )
        latest = catalog.write(manifest, dataset, kind=DatasetKind.FILES, options=options)
        # And once more those whose names were taken meanwhile, as former versions that had them were expired or erased;
        # the bytes may have gone, too.
        taken = name_files({digest: file.size_bytes for file, digest in digests.items()}, dataset, stores, clock.now())
        _store_again(root, {file: digest for file, digest in digests.items() if digest in taken}, stores)
    known.keep(digests, read_ns=read_ns)
    return Added(dataset=latest, read=len(changed), stored_bytes=sum(new.values()))


def _latest(catalog: DatasetCatalog, dataset: str) -> Dataset | None:
    try:
        found = catalog.get(dataset)
    except NotFoundError:
        return None
    if found.record.kind is not DatasetKind.FILES:
        raise InvalidInputError(
            f"Expected '{dataset}' to be a dataset of files, found rows of kind '{found.record.kind}'.",
            hint="Choose another name for the folder.",
        )
    return found


def _store(root: Path, file: FoundFile, stores: Stores) -> tuple[FoundFile, Digest]:
    """Store a file's bytes; gives it as it was while they were read."""
    for _ in range(_ATTEMPTS):
        try:
            digest = stores.artifacts.put_file(root / file.path)
            now = stat_file(root, file.path)
        except FileNotFoundError as error:
            raise ConflictError(
                f"Expected '{file.path}' to stay, found that it has gone.", hint="Add the folder when it is at rest."
            ) from error
        except IntegrityError:
            now = stat_file(root, file.path)  # it changed between two looks at it
        else:
            if now == file:
                return file, digest
        file = now
    raise ConflictError(
        f"Expected '{file.path}' to stay as it is while it is read, found that it kept changing.",
        hint="Add the folder when nobody writes to it.",
    )


def _store_again(root: Path, files: dict[FoundFile, Digest], stores: Stores) -> None:
    """Store the bytes of files that a manifest names already, where they have gone."""
    for file, digest in files.items():
        if not stores.artifacts.exists(digest) and _store(root, file, stores)[1] != digest:
            raise ConflictError(
                f"Expected '{file.path}' to stay as it is while it is read, found that it was changed, and that its "
                "former bytes were removed meanwhile.",
                hint="Add the folder again.",
            )


def _manifest(digests: dict[FoundFile, Digest]) -> pl.DataFrame:
    files = sorted(digests, key=lambda file: file.path)
    return pl.DataFrame(
        {
            "path": [file.path for file in files],
            "size": [file.size_bytes for file in files],
            "digest": [digests[file] for file in files],
            "modified": pl.Series([file.modified_ns // 1000 for file in files], dtype=pl.Int64).cast(
                SCHEMA["modified"]
            ),
        },
        schema=SCHEMA,
    )


def _same(former: pl.DataFrame, manifest: pl.DataFrame) -> bool:
    """Whether paths and bytes are the same; that a file was touched makes no new version."""
    columns = ["path", "size", "digest"]
    return former.select(columns).sort("path").equals(manifest.select(columns))
