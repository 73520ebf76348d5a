"""Registered models, versions and their states in SQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from millwright.core.errors import AlreadyExistsError, NotFoundError, StateTransitionError, closest
from millwright.core.records.model import (
    MODEL_VERSION_TRANSITIONS,
    AliasRecord,
    ApprovalRecord,
    ModelVersionRecord,
    ModelVersionState,
    RegisteredModelRecord,
)
from millwright.storage.backends.sql.model_table import MODEL_ALIASES, MODEL_APPROVALS, MODEL_VERSIONS, MODELS
from millwright.storage.backends.sql.row import RecordRow
from millwright.storage.base.models import ModelStore

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from millwright.core.ids import Digest
    from millwright.storage.backends.sql.database import Database

_VERSIONS = MODEL_VERSIONS.c
_ALIASES = MODEL_ALIASES.c
_APPROVALS = MODEL_APPROVALS.c


class SqlModelStore(ModelStore):
    """See `ModelStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._models = RecordRow(RegisteredModelRecord, MODELS)
        self._versions = RecordRow(ModelVersionRecord, MODEL_VERSIONS)
        self._aliases = RecordRow(AliasRecord, MODEL_ALIASES)
        self._approvals = RecordRow(ApprovalRecord, MODEL_APPROVALS)
        insert = database.insert(MODEL_ALIASES)
        moved = {name: insert.excluded[name] for name in ("version", "set_at", "set_by", "reason")}
        self._put_alias = insert.on_conflict_do_update(index_elements=["name", "alias"], set_=moved)

    def create_model(self, record: RegisteredModelRecord) -> None:
        """See `ModelStore.create_model`."""
        statement = self._database.insert(MODELS).on_conflict_do_nothing().returning(MODELS.c.name)
        with self._database.write() as connection:
            if connection.execute(statement, self._models.values(record) | {"latest": 0}).first() is None:
                raise AlreadyExistsError(f"The model '{record.name}' exists already.", hint="Take another name.")

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

    def create_version(self, record: ModelVersionRecord) -> ModelVersionRecord:
        """See `ModelStore.create_version`."""
        # Raising the number locks the model's row until the end, so that two writers never get the same one.
        raised = sa.update(MODELS).where(MODELS.c.name == record.name).values(latest=MODELS.c.latest + 1)
        with self._database.write() as connection:
            version = connection.execute(raised.returning(MODELS.c.latest)).scalar()
            if version is None:
                raise self._no_model(connection, record.name)
            stored = replace(record, version=version)
            connection.execute(sa.insert(MODEL_VERSIONS), self._versions.values(stored))
        return stored

    def get_version(self, name: str, version: int) -> ModelVersionRecord:
        """See `ModelStore.get_version`."""
        with self._database.read() as connection:
            return self._version(connection, name, version)

    def find_by_package(self, name: str, package: Digest) -> ModelVersionRecord | None:
        """See `ModelStore.find_by_package`."""
        statement = sa.select(MODEL_VERSIONS).where(_VERSIONS.name == name, _VERSIONS.package == package)
        with self._database.read() as connection:
            row = connection.execute(statement.order_by(_VERSIONS.version.desc()).limit(1)).first()
        return None if row is None else self._versions.record(row)

    def list_versions(self, name: str | None = None) -> list[ModelVersionRecord]:
        """See `ModelStore.list_versions`."""
        statement = sa.select(MODEL_VERSIONS).order_by(_VERSIONS.seq.desc())
        if name is not None:
            statement = sa.select(MODEL_VERSIONS).where(_VERSIONS.name == name).order_by(_VERSIONS.version.desc())
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

    def put_documents(self, name: str, version: int, documents: Mapping[str, Digest]) -> ModelVersionRecord:
        """See `ModelStore.put_documents`."""
        with self._database.write() as connection:
            current = self._version(connection, name, version, lock=True)
            return self._replace(connection, replace(current, documents={**current.documents, **documents}))

    def put_alias(self, record: AliasRecord) -> None:
        """See `ModelStore.put_alias`."""
        with self._database.write() as connection:
            self._version(connection, record.name, record.version)
            connection.execute(self._put_alias, self._aliases.values(record))

    def delete_alias(self, name: str, alias: str) -> None:
        """See `ModelStore.delete_alias`."""
        with self._database.write() as connection:
            connection.execute(sa.delete(MODEL_ALIASES).where(_ALIASES.name == name, _ALIASES.alias == alias))

    def find_alias(self, name: str, alias: str) -> AliasRecord | None:
        """See `ModelStore.find_alias`."""
        statement = sa.select(MODEL_ALIASES).where(_ALIASES.name == name, _ALIASES.alias == alias)
        with self._database.read() as connection:
            row = connection.execute(statement).first()
        return None if row is None else self._aliases.record(row)

    def list_aliases(self, name: str | None = None) -> list[AliasRecord]:
        """See `ModelStore.list_aliases`."""
        statement = sa.select(MODEL_ALIASES).order_by(_ALIASES.name, _ALIASES.alias)
        if name is not None:
            statement = statement.where(_ALIASES.name == name)
        with self._database.read() as connection:
            return [self._aliases.record(row) for row in connection.execute(statement)]

    def append_approval(self, record: ApprovalRecord) -> None:
        """See `ModelStore.append_approval`."""
        with self._database.write() as connection:
            self._version(connection, record.name, record.version)
            connection.execute(sa.insert(MODEL_APPROVALS), self._approvals.values(record))

    def list_approvals(self, name: str, version: int) -> list[ApprovalRecord]:
        """See `ModelStore.list_approvals`."""
        statement = sa.select(MODEL_APPROVALS).where(_APPROVALS.name == name, _APPROVALS.version == version)
        with self._database.read() as connection:
            return [self._approvals.record(row) for row in connection.execute(statement.order_by(_APPROVALS.seq))]

    def _version(self, connection: Connection, name: str, version: int, *, lock: bool = False) -> ModelVersionRecord:
        statement: Any = sa.select(MODEL_VERSIONS).where(_VERSIONS.name == name, _VERSIONS.version == version)
        row = connection.execute(statement.with_for_update() if lock else statement).first()
        if row is not None:
            return self._versions.record(row)
        latest = connection.execute(sa.select(MODELS.c.latest).where(MODELS.c.name == name)).scalar()
        if latest is None:
            raise self._no_model(connection, name)
        raise NotFoundError(
            f"The model '{name}' has no version {version}.",
            hint=f"Its versions are 1 to {latest}." if latest else "It has no versions yet.",
        )

    def _replace(self, connection: Connection, record: ModelVersionRecord) -> ModelVersionRecord:
        connection.execute(sa.update(MODEL_VERSIONS).where(_VERSIONS.id == record.id), self._versions.values(record))
        return record

    @staticmethod
    def _no_model(connection: Connection, name: str) -> NotFoundError:
        names = connection.execute(sa.select(MODELS.c.name)).scalars()
        return NotFoundError(f"There is no model '{name}'.", hint=closest(name, names))


def _allowed(state: ModelVersionState) -> str:
    following = sorted(MODEL_VERSION_TRANSITIONS[state])
    return f"It can become {' or '.join(following)}." if following else "That state is final."
