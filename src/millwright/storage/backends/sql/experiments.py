"""Experiments in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.core.errors import AlreadyExistsError, NotFoundError
from millwright.core.records.experiment import ExperimentRecord, Lifecycle
from millwright.storage.backends.sql import driver, experiment_row, removal
from millwright.storage.backends.sql.experiment_search import search_experiments
from millwright.storage.backends.sql.moment import micros, optional_micros
from millwright.storage.base.experiments import ExperimentStore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from millwright.core.ids import ExperimentId
    from millwright.core.records.experiment import ExperimentFigures
    from millwright.core.records.search import Page, Query
    from millwright.storage.backends.sql.database import Database

_LARGEST = 2**53  # numbers up to here are the same in JSON; a longer decimal id is text like any other
_LOCK = 0x6D696C6C_65787073  # "millexps": the advisory lock that takers of a number queue for on PostgreSQL


class SqlExperimentStore(ExperimentStore):
    """See `ExperimentStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, record: ExperimentRecord) -> ExperimentRecord:
        """See `ExperimentStore.create`."""
        with self._database.write() as connection:
            _refuse_taken(connection, "name", record.name)
            if record.id:
                _refuse_taken(connection, "id", record.id)
            seq, experiment_id = _number(connection, record.id)
            driver.run(
                connection,
                "INSERT INTO experiments "
                "(seq, id, name, created_at, updated_at, lifecycle, artifact_location, project) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    seq,
                    experiment_id,
                    record.name,
                    micros(record.created_at),
                    optional_micros(record.updated_at),
                    record.lifecycle.value,
                    record.artifact_location,
                    record.project,
                ),
            )
            _put_tags(connection, seq, record.tags)
            return experiment_row.records(connection, [seq])[0]

    def get(self, experiment_id: ExperimentId) -> ExperimentRecord:
        """See `ExperimentStore.get`."""
        with self._database.read() as connection:
            return experiment_row.records(connection, [_find(connection, experiment_id)])[0]

    def find(self, name: str) -> ExperimentRecord | None:
        """See `ExperimentStore.find`."""
        with self._database.read() as connection:
            row = driver.run(connection, "SELECT seq FROM experiments WHERE name = ?", (name,)).fetchone()
            return None if row is None else experiment_row.records(connection, row)[0]

    def list(self) -> list[ExperimentRecord]:
        """See `ExperimentStore.list`."""
        statement = "SELECT seq FROM experiments WHERE lifecycle = 'active' ORDER BY name"
        with self._database.read() as connection:
            return experiment_row.records(connection, [seq for (seq,) in driver.run(connection, statement)])

    def rename(self, experiment_id: ExperimentId, name: str, at: datetime) -> None:
        """See `ExperimentStore.rename`."""
        with self._database.write() as connection:
            seq = _find(connection, experiment_id)
            _refuse_taken(connection, "name", name, but=seq)
            statement = "UPDATE experiments SET name = ?, updated_at = ? WHERE seq = ?"
            driver.run(connection, statement, (name, micros(at), seq))

    def set_lifecycle(self, experiment_id: ExperimentId, lifecycle: Lifecycle, at: datetime) -> None:
        """See `ExperimentStore.set_lifecycle`."""
        moment = micros(at)
        deleted_at = moment if lifecycle is Lifecycle.DELETED else None
        with self._database.write() as connection:
            seq = _find(connection, experiment_id)
            changed = driver.run(
                connection,
                "UPDATE experiments SET lifecycle = ?, updated_at = ? WHERE seq = ? AND lifecycle <> ?",
                (lifecycle.value, moment, seq, lifecycle.value),
            )
            if changed.rowcount:
                driver.run(
                    connection,
                    "UPDATE runs SET lifecycle = ?, deleted_at = ? WHERE experiment = ? AND lifecycle <> ?",
                    (lifecycle.value, deleted_at, seq, lifecycle.value),
                )

    def put_tags(self, experiment_id: ExperimentId, tags: Mapping[str, str]) -> None:
        """See `ExperimentStore.put_tags`."""
        with self._database.write() as connection:
            _put_tags(connection, _find(connection, experiment_id), tags)

    def delete_tag(self, experiment_id: ExperimentId, key: str) -> None:
        """See `ExperimentStore.delete_tag`."""
        with self._database.write() as connection:
            seq = _find(connection, experiment_id)
            statement = "DELETE FROM experiment_tags WHERE experiment = ? AND key = ?"
            if driver.run(connection, statement, (seq, key)).rowcount == 0:
                raise NotFoundError(
                    f"The experiment with the id '{experiment_id}' has no tag '{key}'.",
                    hint="Look at its tags first.",
                    details={"key": key},
                )

    def search(
        self, query: Query, *, lifecycle: Lifecycle | None = None, projects: Sequence[str] | None = None
    ) -> Page[ExperimentRecord]:
        """See `ExperimentStore.search`."""
        with self._database.read() as connection:
            return search_experiments(connection, query, lifecycle, projects)

    def figures(self, experiment_ids: Sequence[ExperimentId]) -> Mapping[ExperimentId, ExperimentFigures]:
        """See `ExperimentStore.figures`."""
        with self._database.read() as connection:
            return experiment_row.figures(connection, experiment_ids)

    def purge(self, experiment_id: ExperimentId) -> None:
        """See `ExperimentStore.purge`."""
        with self._database.write() as connection:
            row = driver.run(connection, "SELECT seq FROM experiments WHERE id = ?", (experiment_id,)).fetchone()
            if row is not None:
                removal.remove_experiment(connection, row[0])


def _find(connection: Connection, experiment_id: ExperimentId) -> int:
    row = driver.run(connection, "SELECT seq FROM experiments WHERE id = ?", (experiment_id,)).fetchone()
    if row is None:
        raise NotFoundError(
            f"There is no experiment with the id '{experiment_id}'.", hint="Look for it by its name, or create it."
        )
    return int(row[0])


def _refuse_taken(connection: Connection, column: str, value: str, *, but: int | None = None) -> None:
    if not driver.is_sqlite(connection):
        driver.run(connection, "SELECT pg_advisory_xact_lock(?)", (_LOCK,))
    statement = f"SELECT seq, lifecycle FROM experiments WHERE {column} = ?"  # noqa: S608 - a constant
    row = driver.run(connection, statement, (value,)).fetchone()
    if row is not None and row[0] != but:
        known = f"The experiment '{value}'" if column == "name" else f"An experiment with the id '{value}'"
        deleted = row[1] == Lifecycle.DELETED.value
        raise AlreadyExistsError(
            f"{known} exists already{' and is deleted' if deleted else ''}.",
            hint="Restore it, or take another name." if deleted else "Take another name.",
            details={"lifecycle": row[1]},
        )


def _number(connection: Connection, wanted: str) -> tuple[int, str]:
    """A number that was never given before, and the id: the wanted one, or the number as text."""
    if wanted.isascii() and wanted.isdecimal() and str(int(wanted)) == wanted and int(wanted) <= _LARGEST:
        seq = int(wanted)
        if driver.run(connection, "SELECT 1 FROM experiments WHERE seq = ?", (seq,)).fetchone() is None:
            if not driver.is_sqlite(connection):  # SQLite sees by itself which numbers were used
                driver.run(
                    connection,
                    "SELECT setval(pg_get_serial_sequence('experiments', 'seq'), greatest(?::bigint, 1, "
                    "(SELECT max(seq) FROM experiments)))",
                    (seq,),
                )
            return seq, wanted
    while True:
        seq = _next(connection)
        if wanted:
            return seq, wanted
        if driver.run(connection, "SELECT 1 FROM experiments WHERE id = ?", (str(seq),)).fetchone() is None:
            return seq, str(seq)
        _use_up(connection, seq)


def _next(connection: Connection) -> int:
    if not driver.is_sqlite(connection):
        statement = "SELECT nextval(pg_get_serial_sequence('experiments', 'seq'))"
    else:
        statement = "SELECT coalesce((SELECT max(seq) FROM sqlite_sequence WHERE name = 'experiments'), 0) + 1"
    return int(driver.run(connection, statement).fetchone()[0])


def _use_up(connection: Connection, seq: int) -> None:
    if driver.is_sqlite(connection):
        driver.run(connection, "UPDATE sqlite_sequence SET seq = ? WHERE name = 'experiments'", (seq,))


def _put_tags(connection: Connection, seq: int, tags: Mapping[str, str]) -> None:
    rows: list[Any] = [(seq, key, value) for key, value in sorted(tags.items())]
    if rows:
        driver.run_many(
            connection,
            "INSERT INTO experiment_tags (experiment, key, value) VALUES (?, ?, ?) "
            "ON CONFLICT (experiment, key) DO UPDATE SET value = excluded.value",
            rows,
        )
