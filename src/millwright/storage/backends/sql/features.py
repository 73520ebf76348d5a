"""Definitions of features, and materializations, in SQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from millwright.core.errors import AlreadyExistsError, ConflictError, NotFoundError, closest
from millwright.core.records.feature import FeatureDefinitionRecord, FeatureKind, MaterializationRecord
from millwright.storage.backends.sql.feature_table import FEATURE_DEFINITIONS, MATERIALIZATIONS
from millwright.storage.backends.sql.row import RecordRow
from millwright.storage.base.features import FeatureDefinitionStore

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from millwright.core.ids import MaterializationId
    from millwright.storage.backends.sql.database import Database

_D = FEATURE_DEFINITIONS.c
_M = MATERIALIZATIONS.c
_DEFINITIONS = RecordRow(FeatureDefinitionRecord, FEATURE_DEFINITIONS)
_MATERIALIZATIONS = RecordRow(MaterializationRecord, MATERIALIZATIONS)
_ATTEMPTS = 20  # others that record the same definition at the same moment


class SqlFeatureDefinitionStore(FeatureDefinitionStore):
    """See `FeatureDefinitionStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        insert = database.insert(FEATURE_DEFINITIONS)
        self._create = insert.on_conflict_do_nothing(index_elements=["kind", "name", "version"]).returning(_D.version)
        insert = database.insert(MATERIALIZATIONS)
        self._add = insert.on_conflict_do_nothing(index_elements=["id"]).returning(_M.id)

    def put(self, record: FeatureDefinitionRecord) -> FeatureDefinitionRecord:
        """See `FeatureDefinitionStore.put`."""
        with self._database.write() as connection:
            for _ in range(_ATTEMPTS):
                latest = _latest(connection, record.kind, record.name)
                if latest is not None and latest.digest == record.digest:
                    return _described(connection, latest, record)
                new = replace(record, version=latest.version + 1 if latest else 1, retired=False)
                if connection.execute(self._create, _DEFINITIONS.values(new)).first() is not None:
                    return new
        raise ConflictError(f"Others keep changing '{record.name}'.", hint="Apply the definitions again.")

    def get(self, kind: FeatureKind, name: str, version: int | None = None) -> FeatureDefinitionRecord:
        """See `FeatureDefinitionStore.get`."""
        statement = sa.select(FEATURE_DEFINITIONS).where(_of(kind, name))
        if version is not None:
            statement = statement.where(_D.version == version)
        with self._database.read() as connection:
            row = connection.execute(statement.order_by(_D.version.desc()).limit(1)).first()
            if row is None:
                raise _missing(connection, kind, name, version)
        return _DEFINITIONS.record(row)

    def list_versions(self, kind: FeatureKind, name: str) -> list[FeatureDefinitionRecord]:
        """See `FeatureDefinitionStore.list_versions`."""
        statement = sa.select(FEATURE_DEFINITIONS).where(_of(kind, name)).order_by(_D.version.desc())
        with self._database.read() as connection:
            return [_DEFINITIONS.record(row) for row in connection.execute(statement)]

    def list_latest(
        self, kind: FeatureKind | None = None, *, text: str = "", retired: bool = False
    ) -> list[FeatureDefinitionRecord]:
        """See `FeatureDefinitionStore.list_latest`."""
        newest = sa.select(_D.kind, _D.name, sa.func.max(_D.version).label("version")).group_by(_D.kind, _D.name)
        last = newest.subquery()
        same = sa.and_(_D.kind == last.c.kind, _D.name == last.c.name, _D.version == last.c.version)
        statement = sa.select(FEATURE_DEFINITIONS).join(last, same).order_by(_D.kind, _D.name)
        if kind is not None:
            statement = statement.where(_D.kind == kind.value)
        if not retired:
            statement = statement.where(sa.not_(_D.retired))
        with self._database.read() as connection:
            found = [_DEFINITIONS.record(row) for row in connection.execute(statement)]
        # In Python: JSON texts differ in how they write what is not ASCII, and a catalogue has thousands, not millions.
        words = text.casefold().split()
        return [record for record in found if all(word in _words(record) for word in words)] if words else found

    def retire(self, kind: FeatureKind, name: str) -> FeatureDefinitionRecord:
        """See `FeatureDefinitionStore.retire`."""
        with self._database.write() as connection:
            latest = _latest(connection, kind, name)
            if latest is None:
                raise _missing(connection, kind, name, None)
            retired = replace(latest, retired=True)
            _update(connection, retired)
        return retired

    def add_materialization(self, record: MaterializationRecord) -> None:
        """See `FeatureDefinitionStore.add_materialization`."""
        with self._database.write() as connection:
            if connection.execute(self._add, _MATERIALIZATIONS.values(record)).first() is None:
                raise AlreadyExistsError(f"The materialization '{record.id}' exists already.", hint="Use a new id.")

    def update_materialization(self, record: MaterializationRecord) -> None:
        """See `FeatureDefinitionStore.update_materialization`."""
        statement = sa.update(MATERIALIZATIONS).where(_M.id == record.id).values(_MATERIALIZATIONS.values(record))
        with self._database.write() as connection:
            if not connection.execute(statement).rowcount:
                raise _no_materialization(record.id)

    def get_materialization(self, materialization_id: MaterializationId) -> MaterializationRecord:
        """See `FeatureDefinitionStore.get_materialization`."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(MATERIALIZATIONS).where(_M.id == materialization_id)).first()
        if row is None:
            raise _no_materialization(materialization_id)
        return _MATERIALIZATIONS.record(row)

    def list_materializations(self, view: str | None = None, *, limit: int = 50) -> list[MaterializationRecord]:
        """See `FeatureDefinitionStore.list_materializations`."""
        statement = sa.select(MATERIALIZATIONS).order_by(_M.started_at.desc(), _M.id.desc()).limit(limit)
        if view is not None:
            statement = statement.where(_M.view == view)
        with self._database.read() as connection:
            return [_MATERIALIZATIONS.record(row) for row in connection.execute(statement)]


def _of(kind: FeatureKind, name: str) -> ColumnElement[bool]:
    return sa.and_(_D.kind == kind.value, _D.name == name)


def _latest(connection: Connection, kind: FeatureKind, name: str) -> FeatureDefinitionRecord | None:
    statement = sa.select(FEATURE_DEFINITIONS).where(_of(kind, name)).order_by(_D.version.desc()).limit(1)
    row = connection.execute(statement.with_for_update()).first()
    return None if row is None else _DEFINITIONS.record(row)


def _described(
    connection: Connection, latest: FeatureDefinitionRecord, record: FeatureDefinitionRecord
) -> FeatureDefinitionRecord:
    """The latest version with what another record says for people."""
    described = replace(record, version=latest.version, created_at=latest.created_at, actor=latest.actor, retired=False)
    if described != latest:
        _update(connection, described)
    return described


def _update(connection: Connection, record: FeatureDefinitionRecord) -> None:
    this = sa.and_(_of(record.kind, record.name), _D.version == record.version)
    connection.execute(sa.update(FEATURE_DEFINITIONS).where(this).values(_DEFINITIONS.values(record)))


def _words(record: FeatureDefinitionRecord) -> str:
    declared = msgspec.json.encode(record.definition).decode()
    tags = [part for item in record.tags.items() for part in item]
    return " ".join([record.name, record.description, record.owner, *tags, *record.sources, declared]).casefold()


def _missing(connection: Connection, kind: FeatureKind, name: str, version: int | None) -> NotFoundError:
    what = kind.value.replace("_", " ")
    statement = sa.select(_D.name).where(_D.kind == kind.value).distinct()
    names = list(connection.execute(statement).scalars())
    if name in names:
        return NotFoundError(f"The {what} '{name}' has no version {version}.", hint="See: mw features show " + name)
    hint = closest(name, names) or "Record some with: mw features apply features.py"
    return NotFoundError(f"There is no {what} '{name}'.", hint=hint)


def _no_materialization(materialization_id: MaterializationId) -> NotFoundError:
    return NotFoundError(f"There is no materialization with the id '{materialization_id}'.")
