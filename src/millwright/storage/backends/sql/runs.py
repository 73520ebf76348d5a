"""Runs, with their parameters and tags, in SQL."""
# ruff: noqa: S608 - statements of names that stand here; every value is bound

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.core.errors import AlreadyExistsError, ConflictError, NotFoundError, StateTransitionError
from millwright.core.ids import RunId
from millwright.core.records.experiment import Lifecycle
from millwright.core.records.run import RUN_TRANSITIONS, RunRecord, RunStatus
from millwright.storage.backends.sql import driver, metric_table, removal, run_link, run_row
from millwright.storage.backends.sql.metrics import SqlMetricStore
from millwright.storage.backends.sql.moment import micros, optional_micros
from millwright.storage.backends.sql.run_search import search_runs
from millwright.storage.base.runs import RunStore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from millwright.core.ids import ExperimentId
    from millwright.core.records.run import MetricPoint, RunBatch
    from millwright.core.records.run_input import DatasetInput, DatasetSummary, ModelInput, ModelOutput, RunLinks
    from millwright.core.records.search import Page, Query
    from millwright.storage.backends.sql.database import Database
    from millwright.storage.backends.sql.run_row import RunKey

_INSERT = (
    "INSERT INTO runs (id, experiment, parent_id, name, status, started_at, ended_at, username, lifecycle, deleted_at, "
    f"artifact_uri) VALUES ({driver.marks(11)}) ON CONFLICT DO NOTHING RETURNING seq"
)


class SqlRunStore(RunStore):
    """See `RunStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._metrics = SqlMetricStore(database)

    def create_run(self, record: RunRecord) -> None:
        """See `RunStore.create_run`."""
        started = micros(record.started_at)
        with self._database.write() as connection:
            experiment = _active_experiment(connection, record.experiment_id)
            values = (
                record.id,
                experiment,
                record.parent_id,
                record.name,
                record.status.value,
                started,
                optional_micros(record.ended_at),
                record.user,
                record.lifecycle.value,
                optional_micros(record.deleted_at),
                record.artifact_uri,
            )
            row = driver.run(connection, _INSERT, values).fetchone()
            if row is None:
                raise AlreadyExistsError(f"There is a run with the id '{record.id}' already.", hint="Take a new id.")
            key = run_row.RunKey(row[0], experiment, started, record.status.value, record.lifecycle.value)
            run_row.put_pairs(connection, "run_params", key, record.params)
            run_row.put_pairs(connection, "run_tags", key, record.tags)

    def get_run(self, run_id: RunId) -> RunRecord:
        """See `RunStore.get_run`."""
        with self._database.read() as connection:
            return run_row.records(connection, [run_row.find(connection, run_id).seq])[0]

    def finish_run(self, run_id: RunId, status: RunStatus, ended_at: datetime) -> None:
        """See `RunStore.finish_run`."""
        with self._database.write() as connection:
            run = run_row.hold(connection, run_id)
            if status not in RUN_TRANSITIONS[RunStatus(run.status)]:
                raise StateTransitionError(
                    f"The run '{run_id}' is {run.status}, and cannot become {status}.",
                    hint="A run ends once; start a new run.",
                )
            _change(connection, run, {"status": status.value, "ended_at": micros(ended_at)})

    def update_run(
        self,
        run_id: RunId,
        *,
        status: RunStatus | None = None,
        ended_at: datetime | None = None,
        name: str | None = None,
    ) -> RunRecord:
        """See `RunStore.update_run`."""
        changes = {
            "status": None if status is None else status.value,
            "ended_at": optional_micros(ended_at),
            "name": name,
        }
        with self._database.write() as connection:
            run = run_row.hold(connection, run_id)
            _change(connection, run, {column: value for column, value in changes.items() if value is not None})
            return run_row.bare(connection, run.seq)

    def set_lifecycle(self, run_id: RunId, lifecycle: Lifecycle, at: datetime) -> None:
        """See `RunStore.set_lifecycle`."""
        with self._database.write() as connection:
            run = run_row.find(connection, run_id)
            if run.lifecycle != lifecycle.value:
                deleted_at = micros(at) if lifecycle is Lifecycle.DELETED else None
                _change(connection, run, {"lifecycle": lifecycle.value, "deleted_at": deleted_at})

    def append_metrics(self, run_id: RunId, points: Sequence[MetricPoint]) -> None:
        """See `RunStore.append_metrics`."""
        with self._database.write() as connection:
            metric_table.append(connection, run_row.hold(connection, run_id), points)

    def put_batch(self, run_id: RunId, batch: RunBatch) -> None:
        """See `RunStore.put_batch`."""
        with self._database.write() as connection:
            run = run_row.hold(connection, run_id)
            _put_params(connection, run_id, run, batch.params)
            run_row.put_pairs(connection, "run_tags", run, batch.tags)
            metric_table.append(connection, run, batch.points)

    def put_params(self, run_id: RunId, params: Mapping[str, str]) -> None:
        """See `RunStore.put_params`."""
        with self._database.write() as connection:
            _put_params(connection, run_id, run_row.hold(connection, run_id), params)

    def put_tags(self, run_id: RunId, tags: Mapping[str, str]) -> None:
        """See `RunStore.put_tags`."""
        with self._database.write() as connection:
            run_row.put_pairs(connection, "run_tags", run_row.hold(connection, run_id), tags)

    def delete_tag(self, run_id: RunId, key: str) -> None:
        """See `RunStore.delete_tag`."""
        with self._database.write() as connection:
            run = run_row.hold(connection, run_id)
            if driver.run(connection, "DELETE FROM run_tags WHERE run = ? AND key = ?", (run.seq, key)).rowcount == 0:
                raise NotFoundError(
                    f"The run '{run_id}' has no tag '{key}'.", hint="Look at its tags first.", details={"key": key}
                )

    def list_history(self, run_id: RunId, key: str) -> list[MetricPoint]:
        """See `RunStore.list_history`."""
        return list(self._metrics.history(run_id, key).items)

    def list_runs(
        self, experiment_id: ExperimentId | None = None, *, parent_id: RunId | None = None, limit: int = 100
    ) -> list[RunRecord]:
        """See `RunStore.list_runs`."""
        statement, values = "SELECT seq FROM runs WHERE lifecycle = 'active'", list[str]()
        if experiment_id is not None:
            statement += " AND experiment = (SELECT seq FROM experiments WHERE id = ?)"
            values.append(experiment_id)
        if parent_id is not None:
            statement += " AND parent_id = ?"
            values.append(parent_id)
        statement += " ORDER BY started_at DESC, seq DESC LIMIT ?"
        with self._database.read() as connection:
            chosen = [seq for (seq,) in driver.run(connection, statement, (*values, limit))]
            return run_row.records(connection, chosen)

    def search(
        self, query: Query, *, experiment_ids: Sequence[ExperimentId], lifecycle: Lifecycle | None = None
    ) -> Page[RunRecord]:
        """See `RunStore.search`."""
        with self._database.read() as connection:
            return search_runs(connection, query, experiment_ids, lifecycle)

    def add_inputs(self, run_id: RunId, datasets: Sequence[DatasetInput], models: Sequence[ModelInput] = ()) -> None:
        """See `RunStore.add_inputs`."""
        with self._database.write() as connection:
            run = run_row.hold(connection, run_id)
            run_link.add_datasets(connection, run, datasets)
            run_link.add_models(connection, run, [(model.model_id, 0) for model in models], is_output=False)

    def add_outputs(self, run_id: RunId, models: Sequence[ModelOutput]) -> None:
        """See `RunStore.add_outputs`."""
        with self._database.write() as connection:
            run = run_row.hold(connection, run_id)
            run_link.add_models(connection, run, [(model.model_id, model.step) for model in models], is_output=True)

    def list_links(self, run_ids: Sequence[RunId]) -> Mapping[RunId, RunLinks]:
        """See `RunStore.list_links`."""
        with self._database.read() as connection:
            return run_link.links(connection, run_ids)

    def search_datasets(self, experiment_ids: Sequence[ExperimentId], *, limit: int = 1000) -> list[DatasetSummary]:
        """See `RunStore.search_datasets`."""
        with self._database.read() as connection:
            return run_link.summaries(connection, experiment_ids, limit)

    def purge(self, run_id: RunId) -> None:
        """See `RunStore.purge`."""
        with self._database.write() as connection:
            removal.remove_runs(connection, "id = ?", run_id)

    def list_deleted(self, before: datetime) -> list[RunId]:
        """See `RunStore.list_deleted`."""
        statement = "SELECT id FROM runs WHERE deleted_at IS NOT NULL AND deleted_at < ? ORDER BY deleted_at"
        with self._database.read() as connection:
            return [RunId(run_id) for (run_id,) in driver.run(connection, statement, (micros(before),))]


def _active_experiment(connection: Connection, experiment_id: ExperimentId) -> int:
    statement = "SELECT seq, lifecycle FROM experiments WHERE id = ?"
    row = driver.run(connection, statement, (experiment_id,)).fetchone()
    if row is None:
        raise NotFoundError(f"There is no experiment with the id '{experiment_id}'.", hint="Create it first.")
    if row[1] != Lifecycle.ACTIVE.value:
        raise StateTransitionError(
            f"The experiment with the id '{experiment_id}' is deleted.",
            hint="Restore it first, or take another one.",
            details={"lifecycle": row[1]},
        )
    return int(row[0])


def _change(connection: Connection, run: RunKey, changes: Mapping[str, Any]) -> None:
    if changes:
        columns = ", ".join(f"{column} = ?" for column in changes)
        driver.run(connection, f"UPDATE runs SET {columns} WHERE seq = ?", (*changes.values(), run.seq))


def _put_params(connection: Connection, run_id: RunId, run: RunKey, params: Mapping[str, str]) -> None:
    if not params:
        return
    stored = dict(driver.run(connection, "SELECT key, value FROM run_params WHERE run = ?", (run.seq,)).fetchall())
    for key, value in params.items():
        if stored.get(key, value) != value:
            raise ConflictError(
                f"The parameter '{key}' of run '{run_id}' is '{stored[key]}' and cannot become '{value}'.",
                hint="Parameters are written once; use a tag, or start a new run.",
                details={"key": key, "stored": stored[key], "given": value},
            )
    run_row.put_pairs(connection, "run_params", run, {k: v for k, v in params.items() if k not in stored})
