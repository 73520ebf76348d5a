"""Dataset versions in SQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from millwright.core.errors import AlreadyExistsError, NotFoundError, StateTransitionError, closest
from millwright.core.records.dataset import (
    DatasetState,
    DatasetTagRecord,
    DatasetVersionRecord,
    ErasureRecord,
    SourceCursorRecord,
)
from millwright.storage.backends.sql.dataset_table import (
    DATASET_TAGS,
    DATASET_VERSIONS,
    DATASETS,
    ERASURES,
    SOURCE_CURSORS,
)
from millwright.storage.backends.sql.row import RecordRow
from millwright.storage.base.datasets import DatasetStore

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Select, Update

    from millwright.core.ids import Digest
    from millwright.storage.backends.sql.database import Database

_VERSIONS = DATASET_VERSIONS.c
_TAGS = DATASET_TAGS.c
_CURSORS = SOURCE_CURSORS.c
_READABLE = _VERSIONS.state == DatasetState.AVAILABLE.value
_VERSION_ROWS = RecordRow(DatasetVersionRecord, DATASET_VERSIONS)
_TAG_ROWS = RecordRow(DatasetTagRecord, DATASET_TAGS)
_CURSOR_ROWS = RecordRow(SourceCursorRecord, SOURCE_CURSORS)
_ERASURE_ROWS = RecordRow(ErasureRecord, ERASURES)


class SqlDatasetStore(DatasetStore):
    """See `DatasetStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        insert = database.insert(DATASETS)
        self._next_version = insert.on_conflict_do_update(
            index_elements=["name"], set_={"latest": DATASETS.c.latest + 1}
        ).returning(DATASETS.c.latest)
        insert = database.insert(DATASET_TAGS)
        moved = {name: insert.excluded[name] for name in ("version", "at", "actor")}
        self._put_tag = insert.on_conflict_do_update(index_elements=["dataset", "tag"], set_=moved)
        insert = database.insert(SOURCE_CURSORS)
        moved = {name: insert.excluded[name] for name in ("kind", "position", "updated_at")}
        self._put_cursor = insert.on_conflict_do_update(index_elements=["dataset", "source"], set_=moved)

    def create_version(self, record: DatasetVersionRecord) -> DatasetVersionRecord:
        """See `DatasetStore.create_version`."""
        with self._database.write() as connection:
            version = connection.execute(self._next_version, {"name": record.dataset, "latest": 1}).scalar_one()
            stored = replace(record, version=version)
            connection.execute(sa.insert(DATASET_VERSIONS), _VERSION_ROWS.values(stored))
        return stored

    def get_version(self, dataset: str, version: int | None = None) -> DatasetVersionRecord:
        """See `DatasetStore.get_version`."""
        statement = sa.select(DATASET_VERSIONS).where(_VERSIONS.dataset == dataset)
        if version is not None:
            statement = statement.where(_VERSIONS.version == version)
        with self._database.read() as connection:
            row = connection.execute(statement.order_by(_VERSIONS.version.desc()).limit(1)).first()
            if row is None:
                raise _missing(connection, dataset, version)
        return _VERSION_ROWS.record(row)

    def find_by_digest(self, dataset: str, digest: Digest) -> DatasetVersionRecord | None:
        """See `DatasetStore.find_by_digest`."""
        return _newest(self._database, _of(dataset, _VERSIONS.digest == digest, _READABLE))

    def find_by_source(self, dataset: str, source_digest: Digest) -> DatasetVersionRecord | None:
        """See `DatasetStore.find_by_source`."""
        return _newest(self._database, _of(dataset, _VERSIONS.source_digest == source_digest, _READABLE))

    def find_at(self, dataset: str, moment: datetime) -> DatasetVersionRecord | None:
        """See `DatasetStore.find_at`."""
        return _newest(self._database, _of(dataset, _VERSIONS.created_at <= moment))

    def list_datasets(self) -> list[DatasetVersionRecord]:
        """See `DatasetStore.list_datasets`."""
        latest = sa.and_(_VERSIONS.dataset == DATASETS.c.name, _VERSIONS.version == DATASETS.c.latest)
        statement = sa.select(DATASET_VERSIONS).join(DATASETS, latest).order_by(DATASETS.c.name)
        with self._database.read() as connection:
            return [_VERSION_ROWS.record(row) for row in connection.execute(statement)]

    def list_versions(self, dataset: str) -> list[DatasetVersionRecord]:
        """See `DatasetStore.list_versions`."""
        statement = sa.select(DATASET_VERSIONS).where(_VERSIONS.dataset == dataset).order_by(_VERSIONS.version.desc())
        with self._database.read() as connection:
            return [_VERSION_ROWS.record(row) for row in connection.execute(statement)]

    def set_state(self, dataset: str, version: int, state: DatasetState) -> None:
        """See `DatasetStore.set_state`."""
        with self._database.write() as connection:
            stored = _locked(connection, dataset, version)
            if stored.state is state:
                return
            if state is DatasetState.AVAILABLE:
                raise _expired(stored.ref)
            tagged = sa.select(_TAGS.tag).where(_TAGS.dataset == dataset, _TAGS.version == version)
            tag = connection.execute(tagged.order_by(_TAGS.tag).limit(1)).scalar()
            if tag is not None:
                raise StateTransitionError(
                    f"The rows of {stored.ref} cannot be given up: it is tagged '{tag}'.",
                    hint=f"Delete the tag first: mw data tag {stored.ref} {tag} --delete",
                )
            connection.execute(_update(dataset, version).values(state=state.value))

    def amend_version(self, record: DatasetVersionRecord) -> None:
        """See `DatasetStore.amend_version`."""
        with self._database.write() as connection:
            stored = _locked(connection, record.dataset, record.version)
            amended = replace(
                stored,
                digest=record.digest,
                table_uri=record.table_uri,
                table_version=record.table_version,
                rows=record.rows,
                details=record.details,
                profile=record.profile,
            )
            connection.execute(_update(record.dataset, record.version).values(_VERSION_ROWS.values(amended)))

    def set_contract(self, dataset: str, version: int, contract: str) -> None:
        """See `DatasetStore.set_contract`."""
        with self._database.write() as connection:
            stored = replace(_locked(connection, dataset, version), contract=contract)
            connection.execute(_update(dataset, version).values(_VERSION_ROWS.values(stored)))

    def set_tag(self, record: DatasetTagRecord) -> None:
        """See `DatasetStore.set_tag`."""
        with self._database.write() as connection:
            stored = _locked(connection, record.dataset, record.version)
            if stored.state is DatasetState.EXPIRED:
                raise _expired(stored.ref)
            connection.execute(self._put_tag, _TAG_ROWS.values(record))

    def delete_tag(self, dataset: str, tag: str) -> None:
        """See `DatasetStore.delete_tag`."""
        with self._database.write() as connection:
            connection.execute(sa.delete(DATASET_TAGS).where(_TAGS.dataset == dataset, _TAGS.tag == tag))

    def find_tag(self, dataset: str, tag: str) -> DatasetTagRecord | None:
        """See `DatasetStore.find_tag`."""
        statement = sa.select(DATASET_TAGS).where(_TAGS.dataset == dataset, _TAGS.tag == tag)
        with self._database.read() as connection:
            row = connection.execute(statement).first()
        return None if row is None else _TAG_ROWS.record(row)

    def list_tags(self, dataset: str | None = None) -> list[DatasetTagRecord]:
        """See `DatasetStore.list_tags`."""
        statement = sa.select(DATASET_TAGS).order_by(_TAGS.dataset, _TAGS.tag)
        if dataset is not None:
            statement = statement.where(_TAGS.dataset == dataset)
        with self._database.read() as connection:
            return [_TAG_ROWS.record(row) for row in connection.execute(statement)]

    def find_cursor(self, dataset: str, source: str) -> SourceCursorRecord | None:
        """See `DatasetStore.find_cursor`."""
        statement = sa.select(SOURCE_CURSORS).where(_CURSORS.dataset == dataset, _CURSORS.source == source)
        with self._database.read() as connection:
            row = connection.execute(statement).first()
        return None if row is None else _CURSOR_ROWS.record(row)

    def put_cursor(self, record: SourceCursorRecord) -> None:
        """See `DatasetStore.put_cursor`."""
        with self._database.write() as connection:
            connection.execute(self._put_cursor, _CURSOR_ROWS.values(record))

    def list_cursors(self, dataset: str | None = None) -> list[SourceCursorRecord]:
        """See `DatasetStore.list_cursors`."""
        statement = sa.select(SOURCE_CURSORS).order_by(_CURSORS.dataset, _CURSORS.source)
        if dataset is not None:
            statement = statement.where(_CURSORS.dataset == dataset)
        with self._database.read() as connection:
            return [_CURSOR_ROWS.record(row) for row in connection.execute(statement)]

    def add_erasure(self, record: ErasureRecord) -> None:
        """See `DatasetStore.add_erasure`."""
        insert: Any = self._database.insert(ERASURES)
        statement = insert.on_conflict_do_nothing(index_elements=["id"]).returning(ERASURES.c.id)
        with self._database.write() as connection:
            if connection.execute(statement, _ERASURE_ROWS.values(record)).first() is None:
                raise AlreadyExistsError(f"The erasure '{record.id}' is recorded already.", hint="Use a new id.")

    def list_erasures(self, dataset: str | None = None) -> list[ErasureRecord]:
        """See `DatasetStore.list_erasures`."""
        statement = sa.select(ERASURES).order_by(ERASURES.c.at.desc(), ERASURES.c.id.desc())
        if dataset is not None:
            statement = statement.where(ERASURES.c.dataset == dataset)
        with self._database.read() as connection:
            return [_ERASURE_ROWS.record(row) for row in connection.execute(statement)]


def _newest(database: Database, statement: Select[Any]) -> DatasetVersionRecord | None:
    with database.read() as connection:
        row = connection.execute(statement.order_by(_VERSIONS.version.desc()).limit(1)).first()
    return None if row is None else _VERSION_ROWS.record(row)


def _of(dataset: str, *conditions: ColumnElement[bool]) -> Select[Any]:
    return sa.select(DATASET_VERSIONS).where(_VERSIONS.dataset == dataset, *conditions)


def _update(dataset: str, version: int) -> Update:
    return sa.update(DATASET_VERSIONS).where(_VERSIONS.dataset == dataset, _VERSIONS.version == version)


def _locked(connection: Connection, dataset: str, version: int) -> DatasetVersionRecord:
    """The version, kept from other writers until the transaction ends: a tag and an expiry never cross."""
    row = connection.execute(_of(dataset, _VERSIONS.version == version).with_for_update()).first()
    if row is None:
        raise _missing(connection, dataset, version)
    return _VERSION_ROWS.record(row)


def _expired(ref: str) -> StateTransitionError:
    return StateTransitionError(
        f"The rows of {ref} are gone for good: it is expired.", hint="Name a version that can still be read."
    )


def _missing(connection: Connection, dataset: str, version: int | None) -> NotFoundError:
    latest = connection.execute(sa.select(DATASETS.c.latest).where(DATASETS.c.name == dataset)).scalar()
    if latest is None:
        names = connection.execute(sa.select(DATASETS.c.name)).scalars()
        return NotFoundError(f"There is no dataset '{dataset}'.", hint=closest(dataset, names))
    return NotFoundError(f"The dataset '{dataset}' has no version {version}.", hint=f"Its versions are 1 to {latest}.")
