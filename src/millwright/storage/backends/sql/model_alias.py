"""Aliases and approvals of registered models in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from millwright.core.errors import NotFoundError, closest
from millwright.core.records.model import AliasRecord, ApprovalRecord, ModelVersionRecord
from millwright.storage.backends.sql.model_table import MODEL_ALIASES, MODEL_APPROVALS, MODEL_VERSIONS, MODELS
from millwright.storage.backends.sql.row import RecordRow
from millwright.storage.base.models import ModelStore

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from millwright.storage.backends.sql.database import Database

_VERSIONS = MODEL_VERSIONS.c
_ALIASES = MODEL_ALIASES.c
_APPROVALS = MODEL_APPROVALS.c
_KEPT = _VERSIONS.deleted_at.is_(None)


class SqlModelAliases(ModelStore):
    """The part of `SqlModelStore` that names versions, and keeps what people decided about them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._versions = RecordRow(ModelVersionRecord, MODEL_VERSIONS)
        self._aliases = RecordRow(AliasRecord, MODEL_ALIASES)
        self._approvals = RecordRow(ApprovalRecord, MODEL_APPROVALS)
        insert = database.insert(MODEL_ALIASES)
        moved = {name: insert.excluded[name] for name in ("version", "set_at", "set_by", "reason")}
        self._put_alias = insert.on_conflict_do_update(index_elements=["name", "alias"], set_=moved)

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
        statement: Any = sa.select(MODEL_VERSIONS).where(_VERSIONS.name == name, _VERSIONS.version == version, _KEPT)
        row = connection.execute(statement.with_for_update() if lock else statement).first()
        if row is not None:
            return self._versions.record(row)
        latest = connection.execute(sa.select(MODELS.c.latest).where(MODELS.c.name == name)).scalar()
        if latest is None:
            raise no_model(connection, name)
        raise NotFoundError(
            f"The model '{name}' has no version {version}.",
            hint=f"Its versions are 1 to {latest}." if latest else "It has no versions yet.",
        )


def no_model(connection: Connection, name: str) -> NotFoundError:
    """That there is no such model, and which is the closest."""
    names = connection.execute(sa.select(MODELS.c.name)).scalars()
    return NotFoundError(f"There is no model '{name}'.", hint=closest(name, names))
