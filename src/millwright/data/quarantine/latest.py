"""Writes that become the latest version, also when an older version had these rows already."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from millwright.core.records.dataset import DatasetKind
    from millwright.data.datasets.catalog import DatasetCatalog
    from millwright.data.datasets.dataset import Dataset
    from millwright.data.datasets.write_options import WriteOptions


def write_latest(
    datasets: DatasetCatalog, rows: pl.DataFrame, dataset: str, *, kind: DatasetKind, options: WriteOptions
) -> Dataset:
    """Write rows, so that the latest version has them; no new version when it has them already.

    The catalog finds the rows in an older version and leaves it at that; a quarantine that is empty again, or a repair
    that was taken back, must become the latest.

    Raises:
        InvalidInputError: The rows cannot be stored.
        ConflictError: Another process kept writing the dataset.
        StorageError: A store cannot be used.
    """
    written = datasets.write(rows, dataset, kind=kind, options=options)
    if written.record.version == datasets.get(dataset).record.version:
        return written
    return datasets.restore(written.record.ref, options=options)
