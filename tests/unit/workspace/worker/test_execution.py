from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from millwright.automation.limits.ledger import DECIDE, subject_of
from millwright.automation.limits.permit import Because
from millwright.automation.queue import Ask
from millwright.core.records.pipeline import PipelineRunStatus, StepStatus
from millwright.core.records.queue import Claim, RequestState
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


def test_run_that_resumes_another_has_its_parameters_as_far_as_the_pipeline_takes_them(workspace):
    failed = queued(workspace, {"number": 4, "how": "fail"})
    execute(order(workspace, failed))
    file = workspace.folder / "pipeline.py"
    code = file.read_text(encoding="utf-8").replace(', how: str = ""):', "):").replace("(number, how)", '(number, "")')
    file.write_text(code, encoding="utf-8")
    again = queued(workspace, {"number": 4}, resumes=failed.id)
    assert execute(order(workspace, replace(again, params=failed.params))).end is End.DONE
    run = workspace.stores.pipelines.get_pipeline_run(again.id)
    assert (run.resumes, dict(run.params)) == (failed.id, {"number": 4})


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


_FAILING = """
from pathlib import Path
from typing import Annotated

import millwright as mw


@mw.step
def train(rows: Annotated[str, mw.External()]) -> int:
    return int(Path(rows).read_text())


@mw.pipeline
def delay(rows: str = "rows.txt") -> None:
    train(rows)
"""


def test_forecast_tells_that_a_run_would_fail_as_the_last_did_until_its_data_or_code_change(workspace, monkeypatch):
    monkeypatch.chdir(workspace.folder)
    place = workspace.folder / "failing.py"
    place.write_text(_FAILING, encoding="utf-8")
    rows = workspace.folder / "rows.txt"
    rows.write_text("none", encoding="utf-8")
    folder = str(workspace.folder)
    ask = Order(
        task=Task.FORECAST, folder=folder, pipeline=str(place), project_dir=folder, params={}, alias="delay@champion"
    )

    def fail(code: str = _FAILING) -> None:
        target = launch_target("failing.py", {}, artifacts=workspace.stores.artifacts)
        place.write_text(code, encoding="utf-8")
        request = workspace.queue.enqueue(target, Ask(trigger="user:ada"))
        done = execute(order(workspace, request))
        assert done.end is End.FAILED
        now = workspace.clock.now()
        claimed = workspace.stores.queue.claim(Claim(owner="worker", now=now, until=now + timedelta(hours=1)))
        assert claimed is not None
        workspace.stores.queue.finish(request.id, "worker", RequestState.FAILED, at=now, error=done.error)
        details = {"outcome": "failed", "run": request.id}
        workspace.stores.audit.append(at=now, actor="test", action=DECIDE, subject=subject_of("delay"), details=details)

    assert forecast(ask).end is End.DONE
    fail()
    found = forecast(ask)
    assert (found.end, found.because) == (End.FAILED, Because.FAILED.value)
    assert "ValueError: invalid literal for int()" in str(found.error)
    assert "step 'train' would be given what it was given in run" in str(found.error)
    rows.write_text("3", encoding="utf-8")
    assert forecast(ask).end is End.DONE
    fail("import nowhere_at_all\n" + _FAILING)
    found = forecast(ask)
    assert (found.end, found.because) == (End.FAILED, Because.FAILED.value)
    assert "a run can begin no more than run" in str(found.error)
    place.write_text(_FAILING, encoding="utf-8")
    assert forecast(ask).end is End.DONE
