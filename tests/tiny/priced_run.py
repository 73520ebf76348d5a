"""Pipeline runs whose steps have cost something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.core.ids import StepRunId, new_id
from millwright.core.records.pipeline import PipelineRunStatus, StepRunRecord, StepStatus, StepUsage

if TYPE_CHECKING:
    from millwright.core.ids import PipelineRunId


def priced_run(project: Any, *costs: float | None, run_id: PipelineRunId | None = None) -> PipelineRunId:
    """A run with a step for each cost; None for one that was not measured."""
    run = project.run_record(PipelineRunStatus.RUNNING, run_id=run_id)
    project.stores.pipelines.create_pipeline_run(run)
    add_steps(project, run.id, *costs)
    return run.id


def add_steps(project: Any, run_id: PipelineRunId, *costs: float | None) -> None:
    """Steps of a run that have cost something."""
    for cost in costs:
        usage = StepUsage(cpu_s=1.0, peak_memory_bytes=1, cost=cost) if cost is not None else None
        step = StepRunRecord(
            id=StepRunId(new_id()),
            pipeline_run_id=run_id,
            step=new_id(),
            function="f",
            status=StepStatus.COMPLETED,
            started_at=project.clock.now(),
            usage=usage,
        )
        project.stores.pipelines.put_step_run(step)
