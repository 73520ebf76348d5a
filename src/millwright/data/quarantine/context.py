"""What a contract is judged by in a workspace: the time, the former version, other datasets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError
from millwright.core.records.dataset import DatasetKind, DatasetState
from millwright.data.contracts.context import ValidationContext

if TYPE_CHECKING:
    from datetime import datetime

    import polars as pl

    from millwright.core.records.dataset import DatasetVersionRecord
    from millwright.data.datasets.catalog import DatasetCatalog
    from millwright.data.datasets.dataset import Dataset


def context_of(
    datasets: DatasetCatalog, record: DatasetVersionRecord | None, *, now: datetime, name: str = ""
) -> ValidationContext:
    """The context of a dataset version, or of rows that are to become one.

    Args:
        datasets: Where the other datasets are.
        record: The version that is validated; the one before it, of the same kind, is the former one. None for rows
            that are no version yet: the latest version of the dataset is the former one, then.
        now: The moment of validation.
        name: The dataset's name, when there is no record.
    """

    def resolve(ref: str) -> pl.LazyFrame:
        return datasets.get(ref).scan()

    former = _former(datasets, record, name)
    return ValidationContext(now=now, resolve=resolve, former=former.scan() if former else None)


def _former(datasets: DatasetCatalog, record: DatasetVersionRecord | None, name: str) -> Dataset | None:
    try:
        versions = datasets.versions(record.dataset if record else name)
    except InvalidInputError:  # a contract may have a name that no dataset can have
        return None
    for version in versions:
        found = version.record
        fits = found.state is DatasetState.AVAILABLE and found.kind is not DatasetKind.QUARANTINE
        if fits and (record is None or (found.version < record.version and found.kind is record.kind)):
            return version
    return None
