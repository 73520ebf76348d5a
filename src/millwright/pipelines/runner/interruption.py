"""Runs whose process died are marked by the next process that looks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from millwright.core.errors import StateTransitionError
from millwright.core.process import is_dead
from millwright.core.records.pipeline import PipelineRunRecord, PipelineRunStatus, StepStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.clock import Clock
    from millwright.storage.base import PipelineStore

_MOST = 10_000
_REASON = "its process ended before the run did"


def mark_interrupted(
    store: PipelineStore, clock: Clock, *, spared: Callable[[PipelineRunRecord], bool] | None = None
) -> list[PipelineRunRecord]:
    """Mark runs whose process, on this machine, is gone, and the steps it was executing.

    Their finished steps are kept: running the pipeline again continues from them.

    Args:
        store: Where runs are.
        clock: The time that is written as their end.
        spared: Runs that somebody else will go on with; none when None.

    Returns:
        The runs that were marked.
    """
    marked = []
    for run in store.list_pipeline_runs(running_only=True, limit=_MOST):
        if not is_dead(run.owner) or (spared is not None and spared(run)):
            continue
        now = clock.now()
        for step in store.list_step_runs(run.id):
            if step.status is StepStatus.RUNNING:
                store.put_step_run(replace(step, status=StepStatus.INTERRUPTED, ended_at=now, error=_REASON))
        ended = replace(run, status=PipelineRunStatus.INTERRUPTED, ended_at=now, error=_REASON)
        try:
            store.update_pipeline_run(ended)
        except StateTransitionError:  # another process looked at the same moment
            continue
        marked.append(ended)
    return marked
