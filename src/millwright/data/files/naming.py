"""Names of blobs in the tree of files, by which garbage collection and backups know that a manifest needs them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from millwright.core.ids import Digest
from millwright.core.records.dataset import DatasetKind, DatasetState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from collections.abc import Set as AbstractSet

    from millwright.data.datasets.catalog import DatasetCatalog
    from millwright.storage.catalog import Stores

TREE = "datasets"
_EVER = datetime(9999, 1, 1, tzinfo=UTC)


def name_files(digests: Mapping[Digest, int], dataset: str, stores: Stores, now: datetime) -> set[Digest]:
    """Name those blobs of a dataset that have no name yet; as one change.

    Args:
        digests: Of stored blobs, with their sizes in bytes.
        dataset: The dataset's name.
        stores: Where the names go.
        now: When they were named.

    Returns:
        Those that had none.
    """
    known = {record.path.rpartition("/")[2] for record in stores.files.list(f"{TREE}/{dataset}")}
    new = {digest: size for digest, size in digests.items() if digest not in known}
    with stores.transactions.transaction():
        for digest, size_bytes in new.items():
            stores.files.put(f"{TREE}/{dataset}/{digest}", digest, size_bytes, now)
    return set(new)


def release_files(dataset: str, *, catalog: DatasetCatalog, stores: Stores, before: datetime) -> int:
    """Take the names from blobs that no version of a dataset with its rows still there needs.

    Garbage collection removes the blobs then, unless something else names them. To be called when versions were
    expired or rows erased.

    Args:
        dataset: The dataset's name.
        catalog: Knows the versions.
        stores: Where the names are.
        before: Names given later stay: their manifest may be about to be written. Some hours ago at least.

    Returns:
        How many names were taken.
    """
    old = [record for record in stores.files.walk(f"{TREE}/{dataset}") if record.modified_at < before]
    wanted: set[Digest] = set()
    for version in catalog.versions(dataset) if old else ():
        if version.record.kind is DatasetKind.FILES and version.record.state is DatasetState.AVAILABLE:
            wanted.update(Digest(digest) for digest in version.read(["digest"])["digest"].unique())
    unwanted = [record.path for record in old if record.path.rpartition("/")[2] not in wanted]
    for path in unwanted:
        stores.files.delete(path)
    return len(unwanted)


def forget_files(dataset: str, *, wanted: AbstractSet[Digest], stores: Stores) -> tuple[int, int]:
    """Take the names from all other blobs of a dataset, and remove at once those that no record names any more.

    To be called by whoever has the dataset's turn to write. Whoever adds a folder meanwhile writes a manifest after it,
    and stores again then what has gone. A process that dies here leaves blobs without a name to garbage collection.

    Args:
        dataset: The dataset's name.
        wanted: What its manifests need.
        stores: Where the names and the bytes are.

    Returns:
        How many blobs were removed, and their size in bytes.
    """
    unwanted = {record.path: record.path.rpartition("/")[2] for record in stores.files.walk(f"{TREE}/{dataset}")}
    unwanted = {path: digest for path, digest in unwanted.items() if digest not in wanted}
    if not unwanted:
        return 0, 0
    with stores.transactions.transaction():
        for path in unwanted:
            stores.files.delete(path)
    named = stores.snapshots.named_digests()
    count = size_bytes = 0
    for digest in sorted({Digest(digest) for digest in unwanted.values()} - named):
        size = stores.artifacts.size(digest) or 0
        if stores.artifacts.discard(digest, before=_EVER, wanted=_is_named(stores, digest)):
            count += 1
            size_bytes += size
    return count, size_bytes


def _is_named(stores: Stores, digest: Digest) -> Callable[[], bool]:
    return lambda: stores.files.is_named(digest)
