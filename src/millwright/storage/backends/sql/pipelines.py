"""Pipeline runs, step runs and cached results in SQL."""

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
from millwright.storage.backends.sql.column import Moment
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
_FIND_CACHED = (  # built once: it is executed for each step
    sa.select(STEP_RUNS)
    .where(_STEPS.cache_key == sa.bindparam("key"), _STEPS.status == StepStatus.COMPLETED.value)
    .order_by(_STEPS.started_at.desc(), _STEPS.seq.desc())
    .limit(1)
)


class SqlPipelineStore(PipelineStore):
    """See `PipelineStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._runs = RecordRow(PipelineRunRecord, PIPELINE_RUNS)
        self._steps = RecordRow(StepRunRecord, STEP_RUNS)
        insert = database.insert(STEP_RUNS)
        changed = {name: insert.excluded[name] for name in ("status", "cache_key", "started_at", "body")}
        self._put_step = insert.on_conflict_do_update(index_elements=["id"], set_=changed)

    def create_pipeline_run(self, record: PipelineRunRecord) -> None:
        """See `PipelineStore.create_pipeline_run`."""
        values = self._runs.values(record) | {"id_reversed": record.id[::-1]}
        statement = self._database.insert(PIPELINE_RUNS).on_conflict_do_nothing().returning(_RUNS.id)
        with self._database.write() as connection:
            if connection.execute(statement, values).first() is None:
                raise AlreadyExistsError(
                    f"There is a pipeline run with the id '{record.id}' already.", hint="Take a new id."
                )

    def update_pipeline_run(self, record: PipelineRunRecord) -> None:
        """See `PipelineStore.update_pipeline_run`."""
        stored = sa.select(_RUNS.status).where(_RUNS.id == record.id).with_for_update()
        with self._database.write() as connection:
            status = connection.execute(stored).scalar()
            if status is None:
                raise _no_pipeline_run(record.id)
            current = PipelineRunStatus(status)
            if record.status is not current and record.status not in PIPELINE_RUN_TRANSITIONS[current]:
                raise StateTransitionError(
                    f"The pipeline run '{record.id}' is {current}, and cannot become {record.status}.",
                    hint="Run the pipeline again; finished steps are taken from the cache.",
                )
            connection.execute(sa.update(PIPELINE_RUNS).where(_RUNS.id == record.id), self._runs.values(record))

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
        return self._runs.record(rows[0])

    def list_pipeline_runs(
        self, *, pipeline: str | None = None, running_only: bool = False, limit: int = 50
    ) -> list[PipelineRunRecord]:
        """See `PipelineStore.list_pipeline_runs`."""
        statement = sa.select(PIPELINE_RUNS).order_by(_RUNS.started_at.desc(), _RUNS.seq.desc()).limit(limit)
        if pipeline is not None:
            statement = statement.where(_RUNS.pipeline == pipeline)
        if running_only:
            statement = statement.where(_RUNS.status == PipelineRunStatus.RUNNING.value)
        with self._database.read() as connection:
            return [self._runs.record(row) for row in connection.execute(statement)]

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
            return connection.execute(sa.select(_RUNS.cancel_requested_by).where(_RUNS.id == run_id)).scalar()

    def put_step_run(self, record: StepRunRecord) -> None:
        """See `PipelineStore.put_step_run`."""
        with self._database.write() as connection:
            try:
                connection.execute(self._put_step, self._steps.values(record))
            except sa.exc.IntegrityError as error:  # the foreign key; looking beforehand would cost each step more
                raise _no_pipeline_run(record.pipeline_run_id) from error

    def put_step_runs(self, records: Sequence[StepRunRecord]) -> None:
        """See `PipelineStore.put_step_runs`."""
        if not records:
            return
        runs = {record.pipeline_run_id for record in records}
        known = sa.select(_RUNS.id).where(_RUNS.id.in_(runs))
        with self._database.write() as connection:
            lacking = runs - set(connection.execute(known).scalars())
            if lacking:
                raise _no_pipeline_run(min(lacking))
            connection.execute(self._put_step, [self._steps.values(record) for record in records])

    def get_step_run(self, step_run_id: StepRunId) -> StepRunRecord:
        """See `PipelineStore.get_step_run`."""
        with self._database.read() as connection:
            row = connection.execute(sa.select(STEP_RUNS).where(_STEPS.id == step_run_id)).first()
        if row is None:
            raise NotFoundError(
                f"There is no step run with the id '{step_run_id}'.", hint="List runs with: mw runs list"
            )
        return self._steps.record(row)

    def list_step_runs(self, run_id: PipelineRunId) -> list[StepRunRecord]:
        """See `PipelineStore.list_step_runs`."""
        statement = sa.select(STEP_RUNS).where(_STEPS.pipeline_run_id == run_id)
        with self._database.read() as connection:
            rows = connection.execute(statement.order_by(_STEPS.started_at, _STEPS.seq))
            return [self._steps.record(row) for row in rows]

    def find_cached(self, cache_key: Digest) -> StepRunRecord | None:
        """See `PipelineStore.find_cached`."""
        with self._database.read() as connection:
            row = connection.execute(_FIND_CACHED, {"key": cache_key}).first()
        return None if row is None else self._steps.record(row)

    def find_cached_many(self, cache_keys: Sequence[Digest]) -> dict[Digest, StepRunRecord]:
        """See `PipelineStore.find_cached_many`."""
        found: dict[Digest, sa.Row[Any]] = {}
        with self._database.read() as connection:
            for start in range(0, len(cache_keys), _MOST_KEYS):
                part = cache_keys[start : start + _MOST_KEYS]
                statement = (
                    sa.select(STEP_RUNS)
                    .where(_STEPS.cache_key.in_(part), _STEPS.status == StepStatus.COMPLETED.value)
                    .order_by(_STEPS.started_at, _STEPS.seq)
                )
                for row in connection.execute(statement):
                    found[row.cache_key] = row
        return {key: self._steps.record(row) for key, row in found.items()}


def _no_pipeline_run(run_id: str) -> NotFoundError:
    hint = "List the runs with: mw runs list; tracked runs with: mw runs search"
    return NotFoundError(f"There is no pipeline run with the id '{run_id}'.", hint=hint)
