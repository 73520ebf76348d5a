from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from millwright.automation.queue import Ask
from millwright.core.records.pipeline import PipelineRunStatus, StepStatus
from millwright.core.records.run import RunStatus
from millwright.workspace.worker.execution import code_digest, execute, forecast, outcome_of, run_options
from millwright.workspace.worker.order import End, Order, Task
from millwright.workspace.worker.target import launch_target
from tiny.queue_world import begin_run

if TYPE_CHECKING:
    from millwright.core.records.queue import RunRequest


def queued(workspace, params=None, **options) -> RunRequest:
    target = launch_target("pipeline.py", params or {}, artifacts=workspace.stores.artifacts)
    return workspace.queue.enqueue(target, Ask(trigger="user:ada", options=options))


def order(workspace, request) -> Order:
    return Order(task=Task.RUN, folder=str(workspace.folder), run_id=request.id)


def test_run_has_the_id_of_its_request_and_its_folder(workspace, monkeypatch):
    request = queued(workspace, {"number": 4})
    monkeypatch.chdir("/")
    assert execute(order(workspace, request)).end is End.DONE
    run = workspace.stores.pipelines.get_pipeline_run(request.id)
    assert (run.status, run.trigger, run.params["number"]) == (PipelineRunStatus.COMPLETED, "user:ada", 4)
    assert (workspace.folder / "here.txt").read_text(encoding="utf-8") == str(workspace.folder)


def test_run_that_has_ended_is_not_begun_again(workspace):
    request = queued(workspace)
    execute(order(workspace, request))
    (workspace.folder / "here.txt").unlink()
    assert execute(order(workspace, request)).end is End.DONE
    assert not (workspace.folder / "here.txt").exists()


def test_failed_step_is_a_failed_run_with_its_reason(workspace):
    request = queued(workspace, {"how": "fail"})
    outcome = execute(order(workspace, request))
    assert outcome.end is End.FAILED
    assert "on purpose" in outcome.error
    assert workspace.stores.pipelines.get_pipeline_run(request.id).status is PipelineRunStatus.FAILED


def test_run_that_cannot_begin_has_failed_with_the_reason(workspace):
    request = queued(workspace)
    (workspace.folder / "pipeline.py").write_text("1 / 0", encoding="utf-8")
    outcome = execute(order(workspace, request))
    assert outcome.end is End.FAILED
    assert "ZeroDivisionError" in outcome.error


def test_file_that_is_not_on_this_machine_is_taken_from_what_was_kept(workspace):
    request = queued(workspace)
    (workspace.folder / "pipeline.py").unlink()
    assert execute(order(workspace, request)).end is End.DONE


def test_run_that_is_to_be_stopped_does_not_begin(workspace, clock):
    request = queued(workspace)
    begin_run(workspace.stores, clock, id=request.id)
    workspace.stores.queue.cancel(request.id, by="ada", at=clock.now())
    assert execute(order(workspace, request)).end is End.CANCELLED
    assert workspace.stores.pipelines.get_pipeline_run(request.id).status is PipelineRunStatus.CANCELLED


def test_what_the_process_before_left_running_is_ended(workspace, clock):
    request = queued(workspace)
    tracked = workspace.tracker.start_run("worked").id
    begin_run(workspace.stores, clock, id=request.id, pipeline="worked", tracking_run_id=tracked)
    assert execute(order(workspace, request)).end is End.DONE
    steps = {step.step: step.status for step in workspace.stores.pipelines.list_step_runs(request.id)}
    assert steps == {"train": StepStatus.INTERRUPTED, "work": StepStatus.COMPLETED}
    assert workspace.stores.runs.get_run(tracked).status is RunStatus.KILLED


def test_options_of_a_request_are_those_of_the_run(workspace):
    request = queued(workspace, no_cache=True, force=["work"], until="work", executor="inline", strict=True)
    options = run_options(request)
    assert (options.use_cache, options.force, options.until) == (False, frozenset({"work"}), "work")
    assert (options.run_id, options.strict, options.trigger) == (request.id, True, "user:ada")


@pytest.mark.parametrize("status", list(PipelineRunStatus))
def test_outcome_is_read_from_the_record(stores, clock, status):
    run = replace(begin_run(stores, clock), status=status, error="why")
    found = outcome_of(run)
    assert (found is None) is (status is PipelineRunStatus.RUNNING)
    assert outcome_of(None) is None


def test_digest_of_code_changes_with_what_steps_reach(workspace):
    file = workspace.folder / "pipeline.py"
    text, place = file.read_text(encoding="utf-8"), f"{file}:worked"
    ask = Order(task=Task.CODE, folder=str(workspace.folder), pipeline=place)
    first = code_digest(ask)
    file.write_text(f"# a comment\n{text}", encoding="utf-8")
    assert code_digest(ask) == first
    file.write_text(text.replace("return number", "return number + 1"), encoding="utf-8")
    assert code_digest(ask).digest != first.digest
    Path(file).write_text("1 / 0", encoding="utf-8")
    assert code_digest(ask).end is End.FAILED


def test_forecast_tells_whether_a_run_would_train_anything_new(trained, monkeypatch):
    monkeypatch.chdir(trained)

    def asked(alias: str) -> Order:
        place = str(trained / "pipeline.py")
        return Order(task=Task.FORECAST, folder=str(trained), pipeline=place, project_dir=str(trained), alias=alias)

    found = forecast(asked("late-visit@champion"))
    assert found.end is End.FAILED
    assert str(found.error).startswith("No new data since late-visit@1 (visits@1)")
    assert forecast(asked("another@champion")).end is End.DONE  # its first version
    (trained / "visits.csv").write_text((trained / "visits.csv").read_text().replace("yes", "no", 3))
    assert forecast(asked("late-visit@champion")).end is End.DONE
