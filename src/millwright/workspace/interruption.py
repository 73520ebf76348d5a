"""Closes what processes that died have left open."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from millwright.core.errors import NotFoundError, StateTransitionError
from millwright.core.events import Event
from millwright.core.process import is_dead
from millwright.core.records.queue import OPEN_STATES
from millwright.core.records.run import RunStatus
from millwright.core.temporary_folder import remove_abandoned_folders

if TYPE_CHECKING:
    from millwright.core.clock import Clock
    from millwright.core.events import EventBus
    from millwright.core.ids import RunId
    from millwright.core.records.pipeline import PipelineRunRecord
    from millwright.storage.catalog import Stores

_MOST = 10_000


def close_interrupted(stores: Stores, clock: Clock, events: EventBus | None = None) -> list[PipelineRunRecord]:
    """Mark the pipeline runs of dead processes of this machine as interrupted, and end the runs tracked for them.

    Runs that wait in the queue for another attempt, or have a worker again, go on.

    Args:
        stores: Where the runs are.
        clock: The time that is written as their end.
        events: Who is told `pipeline.interrupted` of each; nobody when None.

    Returns:
        The pipeline runs that were marked.
    """
    open_runs = stores.pipelines.list_pipeline_runs(running_only=True, limit=_MOST)
    if not any(is_dead(run.owner) for run in open_runs):
        return []
    remove_abandoned_folders()
    from millwright.pipelines.runner import mark_interrupted  # a tenth of a second, and hardly ever needed

    marked = mark_interrupted(stores.pipelines, clock, spared=lambda run: _goes_on(stores, run))
    for run in marked:
        if run.tracking_run_id is not None:
            for trial in stores.runs.list_runs(parent_id=run.tracking_run_id, limit=_MOST):
                if trial.status is RunStatus.RUNNING:
                    _end(stores, trial.id, clock)
            _end(stores, run.tracking_run_id, clock)
        if events is not None:
            data = {"pipeline": run.pipeline, "trigger": run.trigger, "status": run.status.value, "error": run.error}
            events.emit(Event(type="pipeline.interrupted", subject=run.id, at=clock.now(), data=data))
    return marked


def _goes_on(stores: Stores, run: PipelineRunRecord) -> bool:
    request = stores.queue.find(run.id)
    return request is not None and request.state in OPEN_STATES


def _end(stores: Stores, run_id: RunId, clock: Clock) -> None:
    with suppress(StateTransitionError, NotFoundError):  # somebody else looked at the same moment
        stores.runs.finish_run(run_id, RunStatus.KILLED, clock.now())
