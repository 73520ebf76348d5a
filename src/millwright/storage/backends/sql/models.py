"""Registered models, versions and their states in SQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from millwright.core.errors import AlreadyExistsError, StateTransitionError
from millwright.core.records.model import (
    MODEL_VERSION_TRANSITIONS,
    ModelVersionRecord,
    ModelVersionState,
    RegisteredModelRecord,
)
from millwright.storage.backends.sql.model_alias import SqlModelAliases, no_model
from millwright.storage.backends.sql.model_change import delete_model, index_tags, rename_model
from millwright.storage.backends.sql.model_table import (
    MODEL_ALIASES,
    MODEL_APPROVALS,
    MODEL_TAGS,
    MODEL_VERSION_TAGS,
    MODEL_VERSIONS,
    MODELS,
)
from millwright.storage.backends.sql.row import RecordRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from millwright.core.ids import Digest
    from millwright.storage.backends.sql.database import Database

_VERSIONS = MODEL_VERSIONS.c
_ALIASES = MODEL_ALIASES.c
_APPROVALS = MODEL_APPROVALS.c
_KEPT = _VERSIONS.deleted_at.is_(None)


class SqlModelStore(SqlModelAliases):
    """See `ModelStore`."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._models = RecordRow(RegisteredModelRecord, MODELS)

    def create_model(self, record: RegisteredModelRecord) -> None:
        """See `ModelStore.create_model`."""
        with self._database.write() as connection:
            self._add_model(connection, record)

    def find_model(self, name: str) -> RegisteredModelRecord | None:
        """See `ModelStore.find_model`."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(MODELS).where(MODELS.c.name == name)).first()
        return None if row is None else self._models.record(row)

    def list_models(self) -> list[RegisteredModelRecord]:
        """See `ModelStore.list_models`."""
        with self._database.read() as connection:
            return [self._models.record(row) for row in connection.execute(sa.select(MODELS).order_by(MODELS.c.name))]

    def lock_model(self, name: str) -> None:
        """See `ModelStore.lock_model`; SQLite has one writer at a time anyway."""
        with self._database.write() as connection:
            connection.execute(sa.select(MODELS.c.name).where(MODELS.c.name == name).with_for_update())

    def update_model(self, name: str, record: RegisteredModelRecord) -> None:
        """See `ModelStore.update_model`."""
        with self._database.write() as connection:
            if record.name == name:
                changed = sa.update(MODELS).where(MODELS.c.name == name).values(self._values(record))
                if not connection.execute(changed).rowcount:
                    raise no_model(connection, name)
            elif connection.execute(sa.select(MODELS.c.name).where(MODELS.c.name == name)).first() is None:
                raise no_model(connection, name)
            else:
                self._add_model(connection, record, tags=False)
                rename_model(connection, name, record.name)
            index_tags(connection, MODEL_TAGS, {"name": record.name}, record.tags)

    def delete_model(self, name: str) -> None:
        """See `ModelStore.delete_model`."""
        with self._database.write() as connection:
            if not delete_model(connection, name):
                raise no_model(connection, name)

    def create_version(self, record: ModelVersionRecord) -> ModelVersionRecord:
        """See `ModelStore.create_version`."""
        # Raising the number locks the model's row until the end, so that two writers never get the same one.
        raised = sa.update(MODELS).where(MODELS.c.name == record.name).values(latest=MODELS.c.latest + 1)
        with self._database.write() as connection:
            version = connection.execute(raised.returning(MODELS.c.latest)).scalar()
            if version is None:
                raise no_model(connection, record.name)
            stored = replace(record, version=version, updated_at=record.updated_at or record.created_at)
            connection.execute(sa.insert(MODEL_VERSIONS), self._versions.values(stored))
            _index(connection, stored)
        return stored

    def get_version(self, name: str, version: int) -> ModelVersionRecord:
        """See `ModelStore.get_version`."""
        with self._database.read() as connection:
            return self._version(connection, name, version)

    def find_by_package(self, name: str, package: Digest) -> ModelVersionRecord | None:
        """See `ModelStore.find_by_package`."""
        statement = sa.select(MODEL_VERSIONS).where(_VERSIONS.name == name, _VERSIONS.package == package, _KEPT)
        with self._database.read() as connection:
            row = connection.execute(statement.order_by(_VERSIONS.version.desc()).limit(1)).first()
        return None if row is None else self._versions.record(row)

    def list_versions(self, name: str | None = None) -> list[ModelVersionRecord]:
        """See `ModelStore.list_versions`."""
        statement = sa.select(MODEL_VERSIONS).where(_KEPT).order_by(_VERSIONS.seq.desc())
        if name is not None:
            mine = sa.select(MODEL_VERSIONS).where(_VERSIONS.name == name, _KEPT)
            statement = mine.order_by(_VERSIONS.version.desc())
        with self._database.read() as connection:
            return [self._versions.record(row) for row in connection.execute(statement)]

    def set_state(self, name: str, version: int, state: ModelVersionState) -> ModelVersionRecord:
        """See `ModelStore.set_state`."""
        with self._database.write() as connection:
            current = self._version(connection, name, version, lock=True)
            if state is not current.state and state not in MODEL_VERSION_TRANSITIONS[current.state]:
                raise StateTransitionError(
                    f"The model version {current.ref} is {current.state}, and cannot become {state}.",
                    hint=_allowed(current.state),
                )
            return self._replace(connection, replace(current, state=state))

    def update_version(self, record: ModelVersionRecord) -> None:
        """See `ModelStore.update_version`."""
        with self._database.write() as connection:
            current = self._version(connection, record.name, record.version, lock=True)
            changes = {name: getattr(record, name) for name in ("description", "stage", "tags", "updated_at")}
            self._replace(connection, replace(current, **changes))
            _index(connection, record)

    def delete_version(self, name: str, version: int, at: datetime) -> None:
        """See `ModelStore.delete_version`."""
        with self._database.write() as connection:
            current = self._version(connection, name, version, lock=True)
            connection.execute(sa.delete(MODEL_ALIASES).where(_ALIASES.name == name, _ALIASES.version == version))
            connection.execute(sa.update(MODEL_VERSIONS).where(_VERSIONS.id == current.id).values(deleted_at=at))
            _index(connection, replace(current, tags={}))

    def put_documents(self, name: str, version: int, documents: Mapping[str, Digest]) -> ModelVersionRecord:
        """See `ModelStore.put_documents`."""
        with self._database.write() as connection:
            current = self._version(connection, name, version, lock=True)
            return self._replace(connection, replace(current, documents={**current.documents, **documents}))

    def _add_model(self, connection: Connection, record: RegisteredModelRecord, *, tags: bool = True) -> None:
        statement = self._database.insert(MODELS).on_conflict_do_nothing().returning(MODELS.c.name)
        if connection.execute(statement, self._values(record) | {"latest": 0}).first() is None:
            raise AlreadyExistsError(f"The model '{record.name}' exists already.", hint="Take another name.")
        if tags:
            index_tags(connection, MODEL_TAGS, {"name": record.name}, record.tags)

    def _values(self, record: RegisteredModelRecord) -> dict[str, Any]:
        return self._models.values(replace(record, updated_at=record.updated_at or record.created_at))

    def _replace(self, connection: Connection, record: ModelVersionRecord) -> ModelVersionRecord:
        connection.execute(sa.update(MODEL_VERSIONS).where(_VERSIONS.id == record.id), self._versions.values(record))
        return record


def _index(connection: Connection, record: ModelVersionRecord) -> None:
    index_tags(connection, MODEL_VERSION_TAGS, {"name": record.name, "version": record.version}, record.tags)


def _allowed(state: ModelVersionState) -> str:
    following = sorted(MODEL_VERSION_TRANSITIONS[state])
    return f"It can become {' or '.join(following)}." if following else "That state is final."
