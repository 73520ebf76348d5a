from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from millwright.core.clock import SystemClock
from millwright.core.digest import digest_bytes
from millwright.core.ids import PipelineRunId, StepRunId, new_id
from millwright.core.process import current_owner
from millwright.core.records.code import CodeRecord
from millwright.core.records.pipeline import PipelineRunRecord, PipelineRunStatus, StepRunRecord, StepStatus
from millwright.pipelines.runner import mark_interrupted

if TYPE_CHECKING:
    from millwright.storage.catalog import Stores

NOWHERE = f"{socket.gethostname()}:999999999:1"


def record(owner: str, **changes: Any) -> PipelineRunRecord:
    code = CodeRecord(entrypoint="x", snapshot=None, source_digest=digest_bytes(b""))
    return PipelineRunRecord(
        **{
            "id": PipelineRunId(new_id()),
            "pipeline": "demo",
            "status": PipelineRunStatus.RUNNING,
            "started_at": SystemClock().now(),
            "code": code,
            "owner": owner,
            "trigger": "user",
            **changes,
        }
    )


def test_only_runs_of_dead_processes_on_this_machine_are_marked(stores: Stores) -> None:
    dead, alive, elsewhere = record(NOWHERE), record(current_owner()), record("elsewhere:1:1")
    for run in (dead, alive, elsewhere):
        stores.pipelines.create_pipeline_run(run)
    marked = mark_interrupted(stores.pipelines, SystemClock())
    assert [run.id for run in marked] == [dead.id]
    assert stores.pipelines.get_pipeline_run(dead.id) == marked[0]
    assert marked[0].error == "its process ended before the run did"
    assert {run.id for run in stores.pipelines.list_pipeline_runs(running_only=True)} == {alive.id, elsewhere.id}


def test_step_that_was_running_is_marked_and_a_finished_one_is_not(stores: Stores) -> None:
    run = record(NOWHERE)
    stores.pipelines.create_pipeline_run(run)
    for name, status in (("a", StepStatus.COMPLETED), ("b", StepStatus.RUNNING)):
        stores.pipelines.put_step_run(
            StepRunRecord(
                id=StepRunId(new_id()),
                pipeline_run_id=run.id,
                step=name,
                function=name,
                status=status,
                started_at=SystemClock().now(),
            )
        )
    mark_interrupted(stores.pipelines, SystemClock())
    steps = {step.step: step for step in stores.pipelines.list_step_runs(run.id)}
    assert steps["a"].status is StepStatus.COMPLETED
    assert steps["b"].status is StepStatus.INTERRUPTED
    assert steps["b"].ended_at is not None
