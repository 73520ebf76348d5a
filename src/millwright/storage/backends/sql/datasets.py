"""Dataset versions in SQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from millwright.core.errors import NotFoundError, closest
from millwright.core.records.dataset import DatasetVersionRecord
from millwright.storage.backends.sql.dataset_table import DATASET_VERSIONS, DATASETS
from millwright.storage.backends.sql.row import RecordRow
from millwright.storage.base.datasets import DatasetStore

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from millwright.core.ids import Digest
    from millwright.storage.backends.sql.database import Database

_VERSIONS = DATASET_VERSIONS.c


class SqlDatasetStore(DatasetStore):
    """See `DatasetStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rows = RecordRow(DatasetVersionRecord, DATASET_VERSIONS)
        insert = database.insert(DATASETS)
        self._next_version = insert.on_conflict_do_update(
            index_elements=["name"], set_={"latest": DATASETS.c.latest + 1}
        ).returning(DATASETS.c.latest)

    def create_version(self, record: DatasetVersionRecord) -> DatasetVersionRecord:
        """See `DatasetStore.create_version`."""
        with self._database.write() as connection:
            version = connection.execute(self._next_version, {"name": record.dataset, "latest": 1}).scalar_one()
            stored = replace(record, version=version)
            connection.execute(sa.insert(DATASET_VERSIONS), self._rows.values(stored))
        return stored

    def get_version(self, dataset: str, version: int | None = None) -> DatasetVersionRecord:
        """See `DatasetStore.get_version`."""
        statement = sa.select(DATASET_VERSIONS).where(_VERSIONS.dataset == dataset)
        if version is not None:
            statement = statement.where(_VERSIONS.version == version)
        with self._database.read() as connection:
            row = connection.execute(statement.order_by(_VERSIONS.version.desc()).limit(1)).first()
            if row is None:
                raise self._missing(connection, dataset, version)
        return self._rows.record(row)

    def find_by_digest(self, dataset: str, digest: Digest) -> DatasetVersionRecord | None:
        """See `DatasetStore.find_by_digest`."""
        return self._newest(sa.select(DATASET_VERSIONS).where(_VERSIONS.dataset == dataset, _VERSIONS.digest == digest))

    def find_by_source(self, dataset: str, source_digest: Digest) -> DatasetVersionRecord | None:
        """See `DatasetStore.find_by_source`."""
        return self._newest(
            sa.select(DATASET_VERSIONS).where(_VERSIONS.dataset == dataset, _VERSIONS.source_digest == source_digest)
        )

    def list_datasets(self) -> list[DatasetVersionRecord]:
        """See `DatasetStore.list_datasets`."""
        latest = sa.and_(_VERSIONS.dataset == DATASETS.c.name, _VERSIONS.version == DATASETS.c.latest)
        statement = sa.select(DATASET_VERSIONS).join(DATASETS, latest).order_by(DATASETS.c.name)
        with self._database.read() as connection:
            return [self._rows.record(row) for row in connection.execute(statement)]

    def list_versions(self, dataset: str) -> list[DatasetVersionRecord]:
        """See `DatasetStore.list_versions`."""
        statement = sa.select(DATASET_VERSIONS).where(_VERSIONS.dataset == dataset).order_by(_VERSIONS.version.desc())
        with self._database.read() as connection:
            return [self._rows.record(row) for row in connection.execute(statement)]

    def _newest(self, statement: Select[Any]) -> DatasetVersionRecord | None:
        with self._database.read() as connection:
            row = connection.execute(statement.order_by(_VERSIONS.version.desc()).limit(1)).first()
        return None if row is None else self._rows.record(row)

    @staticmethod
    def _missing(connection: Connection, dataset: str, version: int | None) -> NotFoundError:
        latest = connection.execute(sa.select(DATASETS.c.latest).where(DATASETS.c.name == dataset)).scalar()
        if latest is None:
            names = connection.execute(sa.select(DATASETS.c.name)).scalars()
            return NotFoundError(f"There is no dataset '{dataset}'.", hint=closest(dataset, names))
        return NotFoundError(
            f"The dataset '{dataset}' has no version {version}.", hint=f"Its versions are 1 to {latest}."
        )
