"""Published contracts of datasets in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from millwright.core.errors import AlreadyExistsError, NotFoundError, closest
from millwright.core.records.contract import ContractRecord
from millwright.storage.backends.sql.dataset_table import CONTRACTS
from millwright.storage.backends.sql.row import RecordRow
from millwright.storage.base.contracts import ContractStore

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from millwright.storage.backends.sql.database import Database

_C = CONTRACTS.c
_ROWS = RecordRow(ContractRecord, CONTRACTS)


class SqlContractStore(ContractStore):
    """See `ContractStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        insert = database.insert(CONTRACTS)
        self._create = insert.on_conflict_do_nothing(index_elements=["name", "version"]).returning(_C.version)

    def create(self, record: ContractRecord) -> None:
        """See `ContractStore.create`."""
        with self._database.write() as connection:
            if connection.execute(self._create, _ROWS.values(record)).first() is None:
                raise AlreadyExistsError(
                    f"The contract {record.ref} exists already.", hint="Somebody else published it: publish again."
                )

    def get(self, name: str, version: int | None = None) -> ContractRecord:
        """See `ContractStore.get`."""
        statement = sa.select(CONTRACTS).where(_C.name == name).order_by(_C.version.desc()).limit(1)
        if version is not None:
            statement = statement.where(_C.version == version)
        with self._database.read() as connection:
            row = connection.execute(statement).first()
            if row is None:
                raise _missing(connection, name, version)
        return _ROWS.record(row)

    def find_latest(self, name: str) -> ContractRecord | None:
        """See `ContractStore.find_latest`."""
        statement = sa.select(CONTRACTS).where(_C.name == name).order_by(_C.version.desc()).limit(1)
        with self._database.read() as connection:
            row = connection.execute(statement).first()
        return None if row is None else _ROWS.record(row)

    def list_versions(self, name: str) -> list[ContractRecord]:
        """See `ContractStore.list_versions`."""
        statement = sa.select(CONTRACTS).where(_C.name == name).order_by(_C.version.desc())
        with self._database.read() as connection:
            return [_ROWS.record(row) for row in connection.execute(statement)]

    def list_latest(self) -> list[ContractRecord]:
        """See `ContractStore.list_latest`."""
        newest = sa.select(_C.name, sa.func.max(_C.version).label("version")).group_by(_C.name).subquery()
        same = sa.and_(_C.name == newest.c.name, _C.version == newest.c.version)
        statement = sa.select(CONTRACTS).join(newest, same).order_by(_C.name)
        with self._database.read() as connection:
            return [_ROWS.record(row) for row in connection.execute(statement)]


def _missing(connection: Connection, name: str, version: int | None) -> NotFoundError:
    names = list(connection.execute(sa.select(_C.name).distinct()).scalars())
    if name in names:
        return NotFoundError(
            f"The contract '{name}' has no version {version}.", hint=f"See: mw data contract list {name}"
        )
    hint = closest(name, names) or "Publish one with: mw data contract publish FILE"
    return NotFoundError(f"There is no published contract '{name}'.", hint=hint)
