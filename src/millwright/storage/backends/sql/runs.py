"""Experiments, runs and their parameters and tags in SQL."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from millwright.core.errors import AlreadyExistsError, ConflictError, NotFoundError, StateTransitionError
from millwright.core.records.run import RUN_TRANSITIONS, ExperimentRecord, RunRecord, RunStatus
from millwright.storage.backends.sql.metrics import MetricTable, float_of
from millwright.storage.backends.sql.row import RecordRow
from millwright.storage.backends.sql.run_table import EXPERIMENTS, METRICS, RUN_PARAMS, RUN_TAGS, RUNS
from millwright.storage.base.runs import RunStore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Select, Table

    from millwright.core.ids import ExperimentId, RunId
    from millwright.core.records.run import MetricPoint
    from millwright.storage.backends.sql.database import Database

_RUN_COLUMNS = ("id", "experiment_id", "parent_id", "name", "status", "started_at", "ended_at")
_RUNS_IN_ONE_STATEMENT = 500  # far below the 32,766 bound values of SQLite


class SqlRunStore(RunStore):
    """See `RunStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._experiments = RecordRow(ExperimentRecord, EXPERIMENTS)
        self._metrics = MetricTable(database)

    def create_experiment(self, record: ExperimentRecord) -> ExperimentRecord:
        """See `RunStore.create_experiment`."""
        statement = self._database.insert(EXPERIMENTS).on_conflict_do_nothing().returning(EXPERIMENTS.c.id)
        with self._database.write() as connection:
            if connection.execute(statement, self._experiments.values(record)).first() is None:
                raise AlreadyExistsError(f"The experiment '{record.name}' exists already.", hint="Take another name.")
        return record

    def find_experiment(self, name: str) -> ExperimentRecord | None:
        """See `RunStore.find_experiment`."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(EXPERIMENTS).where(EXPERIMENTS.c.name == name)).first()
        return None if row is None else self._experiments.record(row)

    def list_experiments(self) -> list[ExperimentRecord]:
        """See `RunStore.list_experiments`."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(EXPERIMENTS).order_by(EXPERIMENTS.c.name)).all()
        return [self._experiments.record(row) for row in rows]

    def create_run(self, record: RunRecord) -> None:
        """See `RunStore.create_run`."""
        values = {name: getattr(record, name) for name in _RUN_COLUMNS} | {"status": record.status.value}
        known = sa.select(EXPERIMENTS.c.id).where(EXPERIMENTS.c.id == record.experiment_id)
        statement = self._database.insert(RUNS).on_conflict_do_nothing().returning(RUNS.c.id)
        with self._database.write() as connection:
            if connection.execute(known).first() is None:
                raise NotFoundError(
                    f"There is no experiment with the id '{record.experiment_id}'.", hint="Create it first."
                )
            if connection.execute(statement, values).first() is None:
                raise AlreadyExistsError(f"There is a run with the id '{record.id}' already.", hint="Take a new id.")
            self._insert_pairs(connection, record.id, record.params, record.tags)

    def get_run(self, run_id: RunId) -> RunRecord:
        """See `RunStore.get_run`."""
        found = self._runs(sa.select(RUNS).where(RUNS.c.id == run_id))
        if not found:
            raise _no_run(run_id)
        return found[0]

    def finish_run(self, run_id: RunId, status: RunStatus, ended_at: datetime) -> None:
        """See `RunStore.finish_run`."""
        with self._database.write() as connection:
            current = self._status(connection, run_id)
            if status not in RUN_TRANSITIONS[current]:
                raise StateTransitionError(
                    f"The run '{run_id}' is {current}, and cannot become {status}.",
                    hint="A run ends once; start a new run.",
                )
            connection.execute(
                sa.update(RUNS).where(RUNS.c.id == run_id), {"status": status.value, "ended_at": ended_at}
            )

    def append_metrics(self, run_id: RunId, points: Sequence[MetricPoint]) -> None:
        """See `RunStore.append_metrics`."""
        with self._database.write() as connection:
            self._require(connection, run_id)
            self._metrics.append(connection, run_id, points)

    def put_params(self, run_id: RunId, params: Mapping[str, str]) -> None:
        """See `RunStore.put_params`."""
        with self._database.write() as connection:
            self._status(connection, run_id)
            rows = connection.execute(sa.select(RUN_PARAMS).where(RUN_PARAMS.c.run_id == run_id)).all()
            stored = {row.key: row.value for row in rows}
            for key, value in params.items():
                if stored.get(key, value) != value:
                    raise ConflictError(
                        f"The parameter '{key}' of run '{run_id}' is '{stored[key]}' and cannot become '{value}'.",
                        hint="Parameters are written once; use a tag, or start a new run.",
                    )
            self._insert_pairs(connection, run_id, {k: v for k, v in params.items() if k not in stored}, {})

    def put_tags(self, run_id: RunId, tags: Mapping[str, str]) -> None:
        """See `RunStore.put_tags`."""
        insert = self._database.insert(RUN_TAGS)
        statement = insert.on_conflict_do_update(
            index_elements=["run_id", "key"], set_={"value": insert.excluded.value}
        )
        with self._database.write() as connection:
            self._require(connection, run_id)
            if tags:
                # Sorted, so that two writers of the same keys never wait for each other in a circle.
                connection.execute(statement, [{"run_id": run_id, "key": k, "value": tags[k]} for k in sorted(tags)])

    def list_history(self, run_id: RunId, key: str) -> list[MetricPoint]:
        """See `RunStore.list_history`."""
        with self._database.read() as connection:
            self._require(connection, run_id)
            return self._metrics.history(connection, run_id, key)

    def list_runs(
        self, experiment_id: ExperimentId | None = None, *, parent_id: RunId | None = None, limit: int = 100
    ) -> list[RunRecord]:
        """See `RunStore.list_runs`."""
        chosen = sa.select(RUNS).order_by(RUNS.c.started_at.desc(), RUNS.c.seq.desc()).limit(limit)
        if experiment_id is not None:
            chosen = chosen.where(RUNS.c.experiment_id == experiment_id)
        if parent_id is not None:
            chosen = chosen.where(RUNS.c.parent_id == parent_id)
        return self._runs(chosen)

    def _runs(self, chosen: Select[Any]) -> list[RunRecord]:
        params, tags = _by_run(), _by_run()
        metrics: defaultdict[str, dict[str, float]] = defaultdict(dict)
        with self._database.read() as connection:
            rows = connection.execute(chosen).all()
            for start in range(0, len(rows), _RUNS_IN_ONE_STATEMENT):
                ids = [row.id for row in rows[start : start + _RUNS_IN_ONE_STATEMENT]]
                for pair in connection.execute(_of_runs(RUN_PARAMS, ids)):
                    params[pair.run_id][pair.key] = pair.value
                for pair in connection.execute(_of_runs(RUN_TAGS, ids)):
                    tags[pair.run_id][pair.key] = pair.value
                for metric in connection.execute(_of_runs(METRICS, ids)):
                    metrics[metric.run_id][metric.key] = float_of(metric.value, is_nan=metric.is_nan)
        return [
            RunRecord(
                id=row.id,
                experiment_id=row.experiment_id,
                parent_id=row.parent_id,
                name=row.name,
                status=RunStatus(row.status),
                started_at=row.started_at,
                ended_at=row.ended_at,
                params=dict(params[row.id]),
                tags=dict(tags[row.id]),
                metrics=dict(metrics[row.id]),
            )
            for row in rows
        ]

    @staticmethod
    def _insert_pairs(
        connection: Connection, run_id: RunId, params: Mapping[str, str], tags: Mapping[str, str]
    ) -> None:
        for table, pairs in ((RUN_PARAMS, params), (RUN_TAGS, tags)):
            if pairs:
                connection.execute(
                    sa.insert(table), [{"run_id": run_id, "key": key, "value": value} for key, value in pairs.items()]
                )

    @staticmethod
    def _require(connection: Connection, run_id: RunId) -> None:
        if connection.execute(sa.select(RUNS.c.seq).where(RUNS.c.id == run_id)).first() is None:
            raise _no_run(run_id)

    @staticmethod
    def _status(connection: Connection, run_id: RunId) -> RunStatus:
        # Locks the run's row on PostgreSQL; SQLite's transaction is exclusive already.
        row = connection.execute(sa.select(RUNS.c.status).where(RUNS.c.id == run_id).with_for_update()).first()
        if row is None:
            raise _no_run(run_id)
        return RunStatus(row.status)


def _of_runs(table: Table, run_ids: list[str]) -> Select[Any]:
    return sa.select(table).where(table.c.run_id.in_(run_ids)).order_by(table.c.run_id, table.c.key)


def _by_run() -> defaultdict[str, dict[str, str]]:
    return defaultdict(dict)


def _no_run(run_id: str) -> NotFoundError:
    return NotFoundError(f"There is no run with the id '{run_id}'.", hint="List the runs with: mw runs")
