"""Pipeline runs, step runs and cached results in SQL."""
# ruff: noqa: S608 - statements of names that stand here; every value is bound

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from millwright.core.errors import AlreadyExistsError, NotFoundError, StateTransitionError
from millwright.core.records.pipeline import (
    PIPELINE_RUN_TRANSITIONS,
    PipelineRunRecord,
    PipelineRunStatus,
    StepRunRecord,
    StepStatus,
)
from millwright.storage.backends.sql import driver
from millwright.storage.backends.sql.column import Moment
from millwright.storage.backends.sql.failure import driver_errors, lacks_reference
from millwright.storage.backends.sql.id_part import has_id
from millwright.storage.backends.sql.pipeline_table import PIPELINE_RUNS, STEP_RUNS
from millwright.storage.backends.sql.row import RecordRow
from millwright.storage.base.pipelines import PipelineStore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from millwright.core.ids import Digest, PipelineRunId, StepRunId
    from millwright.storage.backends.sql.database import Database

_MOST_KEYS = 500  # in one statement
_RUNS = PIPELINE_RUNS.c
_STEPS = STEP_RUNS.c
_RUN_ROW: RecordRow[PipelineRunRecord] = RecordRow(PipelineRunRecord, PIPELINE_RUNS)
_STEP_ROW: RecordRow[StepRunRecord] = RecordRow(StepRunRecord, STEP_RUNS)
_RUN_COLUMNS, _STEP_COLUMNS = ", ".join(_RUN_ROW.columns), ", ".join(_STEP_ROW.columns)
# What each run and each step executes goes to the driver as it stands.
_CREATE_RUN = (
    f"INSERT INTO pipeline_runs ({_RUN_COLUMNS}, id_reversed) VALUES ({driver.marks(len(_RUN_ROW.columns) + 1)}) "
    "ON CONFLICT DO NOTHING RETURNING id"
)
_UPDATE_RUN = f"UPDATE pipeline_runs SET {', '.join(f'{name} = ?' for name in _RUN_ROW.columns)} WHERE id = ?"
_PUT_STEP = (
    f"INSERT INTO step_runs ({_STEP_COLUMNS}) VALUES ({driver.marks(len(_STEP_ROW.columns))}) "
    "ON CONFLICT (id) DO UPDATE SET status = excluded.status, cache_key = excluded.cache_key, "
    "started_at = excluded.started_at, body = excluded.body"
)
_FIND_CACHED = (
    f"SELECT {_STEP_COLUMNS} FROM step_runs WHERE cache_key = ? AND status = '{StepStatus.COMPLETED}' "
    "ORDER BY started_at DESC, seq DESC LIMIT 1"
)


class SqlPipelineStore(PipelineStore):
    """See `PipelineStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create_pipeline_run(self, record: PipelineRunRecord) -> None:
        """See `PipelineStore.create_pipeline_run`."""
        values = (*_RUN_ROW.bound(record), record.id[::-1])
        with self._database.write() as connection:
            if driver.run(connection, _CREATE_RUN, values).fetchone() is None:
                raise AlreadyExistsError(
                    f"There is a pipeline run with the id '{record.id}' already.", hint="Take a new id."
                )

    def update_pipeline_run(self, record: PipelineRunRecord) -> None:
        """See `PipelineStore.update_pipeline_run`."""
        with self._database.write() as connection:
            # Locks the row on PostgreSQL; SQLite's transaction is exclusive already.
            lock = "" if driver.is_sqlite(connection) else " FOR UPDATE"
            stored = driver.run(connection, f"SELECT status FROM pipeline_runs WHERE id = ?{lock}", (record.id,))
            row = stored.fetchone()
            if row is None:
                raise _no_pipeline_run(record.id)
            current = PipelineRunStatus(row[0])
            if record.status is not current and record.status not in PIPELINE_RUN_TRANSITIONS[current]:
                raise StateTransitionError(
                    f"The pipeline run '{record.id}' is {current}, and cannot become {record.status}.",
                    hint="Run the pipeline again; finished steps are taken from the cache.",
                )
            driver.run(connection, _UPDATE_RUN, (*_RUN_ROW.bound(record), record.id))

    def get_pipeline_run(self, run_id: PipelineRunId) -> PipelineRunRecord:
        """See `PipelineStore.get_pipeline_run`."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(PIPELINE_RUNS).where(has_id(_RUNS, run_id)).limit(2)).all()
        if not rows:
            raise _no_pipeline_run(run_id)
        if len(rows) > 1:
            raise NotFoundError(
                f"Several pipeline runs have an id that begins or ends with '{run_id}'.", hint="Write more of the id."
            )
        return _RUN_ROW.record(rows[0])

    def list_pipeline_runs(
        self, *, pipeline: str | None = None, running_only: bool = False, limit: int = 50
    ) -> list[PipelineRunRecord]:
        """See `PipelineStore.list_pipeline_runs`."""
        wanted: dict[str, str] = {} if pipeline is None else {"pipeline": pipeline}
        if running_only:
            wanted["status"] = PipelineRunStatus.RUNNING.value
        where = f"WHERE {' AND '.join(f'{name} = ?' for name in wanted)} " if wanted else ""
        statement = f"SELECT {_RUN_COLUMNS} FROM pipeline_runs {where}ORDER BY started_at DESC, seq DESC LIMIT ?"
        with self._database.read() as connection:
            return [_RUN_ROW.read(row) for row in driver.run(connection, statement, (*wanted.values(), limit))]

    def request_cancel(self, run_id: PipelineRunId, *, by: str, at: datetime) -> bool:
        """See `PipelineStore.request_cancel`."""
        running = sa.and_(_RUNS.id == run_id, _RUNS.status == PipelineRunStatus.RUNNING.value)
        first = sa.func.coalesce(_RUNS.cancel_requested_by, by)
        statement = sa.update(PIPELINE_RUNS).where(running).returning(_RUNS.id)
        with self._database.write() as connection:
            asked = statement.values(
                cancel_requested_by=first,
                cancel_requested_at=sa.func.coalesce(_RUNS.cancel_requested_at, sa.literal(at, Moment)),
            )
            if connection.execute(asked).first() is not None:
                return True
            if connection.execute(sa.select(_RUNS.seq).where(_RUNS.id == run_id)).first() is None:
                raise _no_pipeline_run(run_id)
        return False

    def cancel_requested(self, run_id: PipelineRunId) -> str | None:
        """See `PipelineStore.cancel_requested`."""
        with self._database.read() as connection:
            statement = "SELECT cancel_requested_by FROM pipeline_runs WHERE id = ?"
            row = driver.run(connection, statement, (run_id,)).fetchone()
        return None if row is None else row[0]

    def put_step_run(self, record: StepRunRecord) -> None:
        """See `PipelineStore.put_step_run`."""
        with self._database.change() as connection:
            try:
                driver.run(connection, _PUT_STEP, _STEP_ROW.bound(record))
            except driver_errors() as error:
                if lacks_reference(error):  # looking beforehand would cost each step more
                    raise _no_pipeline_run(record.pipeline_run_id) from error
                raise

    def put_step_runs(self, records: Sequence[StepRunRecord]) -> None:
        """See `PipelineStore.put_step_runs`."""
        if not records:
            return
        runs = {record.pipeline_run_id for record in records}
        known = f"SELECT id FROM pipeline_runs WHERE id IN ({driver.marks(len(runs))})"
        with self._database.write() as connection:
            lacking = runs - {run_id for (run_id,) in driver.run(connection, known, tuple(runs))}
            if lacking:
                raise _no_pipeline_run(min(lacking))
            driver.run_many(connection, _PUT_STEP, [_STEP_ROW.bound(record) for record in records])

    def get_step_run(self, step_run_id: StepRunId) -> StepRunRecord:
        """See `PipelineStore.get_step_run`."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(STEP_RUNS).where(_STEPS.id == step_run_id)).first()
        if row is None:
            raise NotFoundError(
                f"There is no step run with the id '{step_run_id}'.", hint="List runs with: mw runs list"
            )
        return _STEP_ROW.record(row)

    def list_step_runs(self, run_id: PipelineRunId) -> list[StepRunRecord]:
        """See `PipelineStore.list_step_runs`."""
        statement = sa.select(STEP_RUNS).where(_STEPS.pipeline_run_id == run_id)
        with self._database.read() as connection:
            rows = connection.execute(statement.order_by(_STEPS.started_at, _STEPS.seq))
            return [_STEP_ROW.record(row) for row in rows]

    def find_cached(self, cache_key: Digest) -> StepRunRecord | None:
        """See `PipelineStore.find_cached`."""
        with self._database.read() as connection:
            row = driver.run(connection, _FIND_CACHED, (cache_key,)).fetchone()
        return None if row is None else _STEP_ROW.read(row)

    def find_cached_many(self, cache_keys: Sequence[Digest]) -> dict[Digest, StepRunRecord]:
        """See `PipelineStore.find_cached_many`."""
        found: dict[Digest, Sequence[Any]] = {}
        at = _STEP_ROW.columns.index("cache_key")
        with self._database.read() as connection:
            for start in range(0, len(cache_keys), _MOST_KEYS):
                part = cache_keys[start : start + _MOST_KEYS]
                statement = (
                    f"SELECT {_STEP_COLUMNS} FROM step_runs WHERE cache_key IN ({driver.marks(len(part))}) "
                    f"AND status = '{StepStatus.COMPLETED}' ORDER BY started_at, seq"
                )
                for row in driver.run(connection, statement, part):
                    found[row[at]] = row
        return {key: _STEP_ROW.read(row) for key, row in found.items()}


def _no_pipeline_run(run_id: str) -> NotFoundError:
    hint = "List the runs with: mw runs list; tracked runs with: mw runs search"
    return NotFoundError(f"There is no pipeline run with the id '{run_id}'.", hint=hint)
