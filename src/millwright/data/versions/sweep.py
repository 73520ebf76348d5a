"""Removes files of a dataset that no version names: of expired ones, of killed writers, and whole former tables.

Only to be called by whoever has the dataset's turn to write (`write_lock`). A version is marked expired, durably,
before its files go; whatever a kill leaves, the next sweep finds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import unquote

from millwright.core.errors import IntegrityError
from millwright.core.records.dataset import DatasetState
from millwright.data.datasets.snapshot import open_snapshot
from millwright.storage.folder import open_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from millwright.core.records.dataset import DatasetVersionRecord
    from millwright.storage.catalog import Stores
    from millwright.storage.folder import Folder

GENERATION = "~"  # between a dataset's name and the number of its table; no name holds it
# A file that no log names may be one that somebody who lost the turn is about to commit.
_GRACE = timedelta(days=1)
_LOG = "_delta_log"


@dataclass(frozen=True, kw_only=True, slots=True)
class Swept:
    """What was removed, or would be.

    Attributes:
        size_bytes: Of those files; 0 for files whose size the place does not tell.
    """

    files: int = 0
    size_bytes: int = 0


def table_url(root_url: str, uri: str) -> str:
    """Where a table is that a record names by its folder below the root, or whole."""
    return uri if "://" in uri or uri.startswith("/") else f"{root_url.rstrip('/')}/{uri}"


def sweep(
    stores: Stores,
    root_url: str,
    dataset: str,
    *,
    now: datetime,
    expiring: Iterable[int] = (),
    dry_run: bool = False,
) -> Swept:
    """Remove the files of a dataset that no version names whose rows can be read.

    Args:
        stores: Where the records are.
        root_url: The folder or URL below which the tables are.
        dataset: The dataset's name.
        now: Files that no log names stay for a day.
        expiring: Versions to be taken for expired though they are not yet.
        dry_run: Only count.

    Raises:
        StorageError: A table cannot be read, or a file not be removed.
    """
    records = stores.datasets.list_versions(dataset)
    gone = {*expiring, *(r.version for r in records if r.state is DatasetState.EXPIRED)}
    kept = [record for record in records if record.version not in gone]
    expired = [record for record in records if record.version in gone]
    current = {record.table_uri for record in kept}
    files = size = 0
    for uri in sorted({dataset, *(record.table_uri for record in records), *_generations(root_url, dataset)}):
        folder = open_folder(table_url(root_url, uri))
        if uri in current:
            url = table_url(root_url, uri)
            names = _unneeded(
                folder,
                needed=_named(url, [r for r in kept if r.table_uri == uri]) | _newest(url),
                former=_named(url, [r for r in expired if r.table_uri == uri]),
                before=now - _GRACE,
            )
        else:
            names = _all(folder)
        for name in names:
            files += 1
            size += folder.size(name) or 0
            if not dry_run:
                folder.delete(name)
        if uri not in current and not dry_run:
            folder.prune(_LOG)
            folder.prune("")
    return Swept(files=files, size_bytes=size)


def holds_more(root_url: str, kept: list[DatasetVersionRecord], records: list[DatasetVersionRecord]) -> bool:
    """Whether the tables of some versions hold, or held, more than these: other versions, or files of killed writers.

    Args:
        root_url: The folder or URL below which the tables are.
        kept: The versions.
        records: All versions of the dataset.
    """
    current = {record.table_uri for record in kept}
    if any(record.table_uri in current and record not in kept for record in records):
        return True
    for uri in current:
        url = table_url(root_url, uri)
        needed = _named(url, [record for record in kept if record.table_uri == uri])
        if any(name.endswith(".parquet") and name not in needed for name in open_folder(url).list("")):
            return True
    return False


def _generations(root_url: str, dataset: str) -> Iterator[str]:
    """Tables of this dataset that an erasure began, whether or not a record names them."""
    for name in open_folder(root_url).list(""):
        stem, sign, number = name.rpartition(GENERATION)
        if sign and stem == dataset and number.isdigit():
            yield name


def _named(url: str, records: Iterable[DatasetVersionRecord]) -> set[str]:
    """Files of some versions; those of expired ones may not even be in the log any more."""
    names: set[str] = set()
    for version in {record.table_version for record in records}:
        try:
            names |= {unquote(file.path) for file in open_snapshot(url, version).files}
        except IntegrityError:
            continue
    return names


def _newest(url: str) -> set[str]:
    """Files of the newest Delta version, which other engines read when none is named."""
    return {unquote(file.path) for file in open_snapshot(url).files}


def _unneeded(folder: Folder, *, needed: set[str], former: set[str], before: datetime) -> list[str]:
    names = []
    for name in folder.list(""):
        if name in needed or not name.endswith(".parquet"):
            continue
        written = folder.written_at(name)
        if name in former or (written is not None and written < before):
            names.append(name)
    return names


def _all(folder: Folder) -> list[str]:
    """Everything in a table's folder, the log last: a table without it is none."""
    log = [f"{_LOG}/{name}" for name in folder.list(_LOG)]
    return [name for name in folder.list("") if name != _LOG] + log
