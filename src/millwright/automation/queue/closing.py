"""Ends the record of a run whose process did not."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from millwright.core.errors import NotFoundError, StateTransitionError
from millwright.core.records.pipeline import PipelineRunStatus, StepStatus
from millwright.core.records.run import RunStatus

if TYPE_CHECKING:
    from datetime import datetime

    from millwright.core.ids import PipelineRunId, RunId
    from millwright.core.records.pipeline import PipelineRunRecord
    from millwright.storage.catalog import Stores

_MOST = 10_000


def find_run(stores: Stores, run_id: PipelineRunId) -> PipelineRunRecord | None:
    """The pipeline run of a request; None while it was never begun."""
    with suppress(NotFoundError):
        return stores.pipelines.get_pipeline_run(run_id)
    return None


def close_run(
    stores: Stores, run_id: PipelineRunId, status: PipelineRunStatus, *, at: datetime, reason: str
) -> PipelineRunRecord | None:
    """End a run that nobody executes any more: its record, the steps it was executing, the runs tracked for it.

    What its finished steps gave stays.

    Args:
        stores: Where all of it is.
        run_id: Which run.
        status: How it ended.
        at: The end.
        reason: Why, for people.

    Returns:
        The run's record; None when it was never begun, or has ended already.
    """
    run = find_run(stores, run_id)
    if run is None or run.status is not PipelineRunStatus.RUNNING:
        return None
    ended = replace(run, status=status, ended_at=at, error=reason)
    with stores.transactions.transaction():
        try:
            stores.pipelines.update_pipeline_run(ended)
        except StateTransitionError:  # another process looked at the same moment
            return None
    end_parts(stores, run, at=at, reason=reason)
    return ended


def end_parts(stores: Stores, run: PipelineRunRecord, *, at: datetime, reason: str) -> None:
    """End what a run's process left running: the steps that it was executing, and the runs tracked for it."""
    for step in stores.pipelines.list_step_runs(run.id):
        if step.status is StepStatus.RUNNING:
            stores.pipelines.put_step_run(replace(step, status=StepStatus.INTERRUPTED, ended_at=at, error=reason))
    if run.tracking_run_id is None:
        return
    for trial in stores.runs.list_runs(parent_id=run.tracking_run_id, limit=_MOST):
        if trial.status is RunStatus.RUNNING:
            _end_tracked(stores, trial.id, at)
    _end_tracked(stores, run.tracking_run_id, at)


def _end_tracked(stores: Stores, run_id: RunId, at: datetime) -> None:
    with suppress(StateTransitionError, NotFoundError):  # somebody else looked at the same moment
        stores.runs.finish_run(run_id, RunStatus.KILLED, at)
