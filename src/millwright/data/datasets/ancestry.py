"""What the latest version of a dataset was made from, one version after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from millwright.core.ids import Digest
    from millwright.core.records.dataset import DatasetVersionRecord
    from millwright.storage.base.datasets import DatasetStore


def read_already(store: DatasetStore, dataset: str, source_digest: Digest) -> DatasetVersionRecord | None:
    """The newest version read from exactly these source bytes, of those on which the latest version builds.

    What was overwritten since, or undone by restoring an older version, is not in the latest one and does not count.
    What was only changed or deleted since does, and so does a version whose rows were removed to save space.

    Args:
        store: Where the records are.
        dataset: The dataset's name, which need not exist.
        source_digest: Digest of the source's bytes.
    """
    versions = {record.version: record for record in store.list_versions(dataset)}
    record = versions.get(max(versions, default=0))
    while record is not None and record.source_digest != source_digest:
        record = versions.get(record.parent or 0)
    return record
