from __future__ import annotations

from datetime import timedelta

from millwright.automation.queue.closing import close_run, find_run
from millwright.core.ids import PipelineRunId
from millwright.core.records.pipeline import PipelineRunStatus, StepStatus
from millwright.core.records.run import RunStatus
from millwright.tracking.tracker import Tracker
from tiny.queue_world import NOW, begin_run

END = NOW + timedelta(minutes=5)


def test_run_its_steps_and_its_tracked_runs_are_ended(stores, clock):
    tracker = Tracker(experiments=stores.experiments, store=stores.runs, clock=clock)
    tracked = tracker.start_run("delay").id
    run = begin_run(stores, clock, tracking_run_id=tracked)
    ended = close_run(stores, run.id, PipelineRunStatus.INTERRUPTED, at=END, reason="gone")
    assert ended is not None
    assert (ended.status, ended.ended_at, ended.error) == (PipelineRunStatus.INTERRUPTED, END, "gone")
    assert find_run(stores, run.id) == ended
    [step] = stores.pipelines.list_step_runs(run.id)
    assert (step.status, step.ended_at, step.error) == (StepStatus.INTERRUPTED, END, "gone")
    assert stores.runs.get_run(tracked).status is RunStatus.KILLED


def test_run_that_ended_or_never_began_is_left_alone(stores, clock):
    run = begin_run(stores, clock)
    assert close_run(stores, run.id, PipelineRunStatus.CANCELLED, at=END, reason="x") is not None
    assert close_run(stores, run.id, PipelineRunStatus.INTERRUPTED, at=END, reason="y") is None
    assert find_run(stores, run.id).status is PipelineRunStatus.CANCELLED
    assert close_run(stores, PipelineRunId("0" * 32), PipelineRunStatus.CANCELLED, at=END, reason="x") is None
