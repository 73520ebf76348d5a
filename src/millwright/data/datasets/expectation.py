"""Whether a writer that knew an older version may go ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import ConflictError
from millwright.data.datasets.evolution import conform
from millwright.data.datasets.pruning import files_with
from millwright.data.datasets.snapshot import Snapshot, scan_files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.dataset import DatasetVersionRecord
    from millwright.storage.catalog import Stores

_SHOWN = 5


def overtaken(dataset: str, expected: int, stores: Stores) -> ConflictError:
    """The error for a write from a version that is not the latest any more: it names who wrote what since.

    Args:
        dataset: The dataset's name.
        expected: The version that the writer took for the latest.
        stores: Where versions and the audit log are.
    """
    versions = stores.datasets.list_versions(dataset)
    newer = [record for record in versions if record.version > expected]
    found = f"{versions[0].ref}" if versions else "none"
    told = "; ".join(_told(record, stores) for record in reversed(newer[:_SHOWN]))
    return ConflictError(
        f"Expected {dataset}@{expected} to be the latest version, found {found}{f' ({told})' if told else ''}.",
        hint="Read the latest version, make the change on it, and write again expecting that version.",
    )


def same_rows(then: Snapshot, now: Snapshot, rows: pl.DataFrame, key: Sequence[str]) -> bool:
    """Whether the rows with certain keys are the same in two versions of a table.

    Args:
        then: The older version.
        now: The newer version.
        rows: Rows with the keys.
        key: The columns that identify a row; in both versions.
    """
    if any(then.schema.get(name) != now.schema[name] for name in key):
        return False
    common = {file.path for file in then.files} & {file.path for file in now.files}
    found = [_with_keys(snapshot, rows, key, common) for snapshot in (then, now)]
    if not set(found[0].columns) <= set(found[1].columns):
        return False
    return conform(found[0], found[1].schema).equals(found[1])


def _with_keys(snapshot: Snapshot, rows: pl.DataFrame, key: Sequence[str], common: set[str]) -> pl.DataFrame:
    keys = rows.select(pl.col(name).cast(snapshot.schema[name]) for name in key)
    files = [file for file in files_with(snapshot, keys) if file.path not in common]
    return scan_files(snapshot.uri, files, snapshot.schema).join(keys.lazy(), on=key, how="semi").sort(key).collect()


def _told(record: DatasetVersionRecord, stores: Stores) -> str:
    actors = [event.actor for event in stores.audit.list(subject=record.ref) if event.action == "dataset.write"]
    by = f" by {actors[0]}" if actors else ""
    return f"{record.ref}: {record.operation.value}{by} at {record.created_at:%Y-%m-%d %H:%M:%S} UTC"
