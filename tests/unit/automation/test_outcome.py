from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from millwright.automation.outcome import failed_run, judge
from millwright.core.errors import InvalidInputError
from millwright.core.ids import StepRunId
from millwright.core.records.monitor import Outcome
from millwright.core.records.pipeline import PipelineRunStatus, StepStatus, ValueRef
from millwright.deployment.traffic.control import RolloutControl, RolloutPlan
from millwright.deployment.traffic.strategy import Canary
from millwright.evaluation.gates.result import GateReport, GateResult


def finished(project: Any, status: PipelineRunStatus = PipelineRunStatus.COMPLETED) -> Any:
    run = project.run_record(PipelineRunStatus.RUNNING)
    project.stores.pipelines.create_pipeline_run(run)
    return project.run_record(status, run_id=run.id)


def judged(project: Any, run: Any, before: Any) -> Any:
    return judge(run, model="delay", before=before, alias="champion", stores=project.stores)


def test_outcome_is_promoted_with_every_gate_that_applied(project: Any):
    before, run = project.register(b"one", passed=True), finished(project)
    project.register(b"two", passed=True, run_id=run.id)
    found = judged(project, run, before)
    assert (found.outcome, found.challenger) == (Outcome.PROMOTED, "delay@2")
    assert found.reasons == ("baseline: 0.8 is above 0.6.", "champion: Compared on 900 rows.")


def test_outcome_is_kept_with_the_gates_that_failed(project: Any):
    before, run = project.register(b"one", passed=True), finished(project)
    project.register(b"two", passed=False, run_id=run.id)
    found = judged(project, run, before)
    assert (found.outcome, found.challenger) == (Outcome.KEPT, "delay@2")
    assert found.reasons == ("champion: Compared on 900 rows.",)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (
            {"version": "delay@1", "continued": True, "how": "25 rounds more, 125 in all, 100 at first"},
            "Warm start: delay@2 went on from delay@1 (25 rounds more, 125 in all, 100 at first).",
        ),
        (
            {"version": "delay@1", "continued": False, "reason": "columns are new: wind"},
            "No warm start: delay@2 was trained from nothing, not from delay@1: columns are new: wind.",
        ),
        (
            {"version": "delay@1"},
            "Warm start: the step that trained delay@2 was given delay@1 to go on from.",
        ),
    ],
    ids=["went on", "could not", "a step of the user's"],
)
@pytest.mark.parametrize("passed", [True, False])
def test_outcome_tells_what_was_compared_and_what_the_training_went_on_from(
    project: Any, told: dict[str, Any], sentence: str, passed: bool
):
    before, run = project.register(b"one", passed=True), finished(project)
    project.register(b"two", passed=passed, run_id=run.id, champion="delay@1", warm_start=told)
    *_, compared, begun = judged(project, run, before).reasons
    assert compared == "The gates compared delay@2 with delay@1, both on the test rows of this run."
    assert begun == sentence


def test_outcome_is_not_unchanged_because_a_step_read_the_champion(project: Any):
    before, run = project.register(b"one", passed=True), finished(project)
    project.note_earlier(run.id, "delay@1")
    found = judged(project, run, before)
    assert (found.outcome, found.challenger) == (Outcome.KEPT, None)


def test_outcome_is_kept_when_all_gates_passed_and_the_alias_waits(project: Any):
    before, run = project.register(b"one", passed=True), finished(project)
    project.register(b"two", passed=True, run_id=run.id)
    project.registry.promote("delay", 1, reason="back")
    found = judged(project, run, before)
    assert found.outcome is Outcome.KEPT
    assert found.reasons == ("All 3 gates passed, but champion was not moved to delay@2: it waits for a person.",)


def test_outcome_is_unchanged_when_the_run_found_the_champion_again(project: Any):
    before, run = project.register(b"one", passed=True), finished(project)
    project.note_version(run.id, "delay@1")
    found = judged(project, run, before)
    assert (found.outcome, found.challenger) == (Outcome.UNCHANGED, "delay@1")
    assert found.reasons == ("Training gave delay@1 again, to the byte.",)


def test_outcome_is_kept_when_the_run_found_an_older_loser_again(project: Any):
    before, run = project.register(b"one", passed=True), finished(project)
    project.register(b"two", passed=False)
    project.note_version(run.id, "delay@2")
    found = judged(project, run, before)
    assert (found.outcome, found.challenger) == (Outcome.KEPT, "delay@2")


def test_outcome_gives_the_reasons_of_this_run_when_an_older_version_won_this_time(project: Any):
    project.register(b"one", passed=True)
    before, run = project.register(b"two", passed=True), finished(project)
    now = GateResult(gate="champion", passed=True, value=0.9, limit=0.8, reason="Compared with delay@2.")
    project.note_version(run.id, "delay@1", verdict=GateReport(passed=True, results=(now,), champion="delay@2"))
    project.registry.promote("delay", 1, reason="gates")
    found = judged(project, run, before)
    assert (found.outcome, found.challenger) == (Outcome.PROMOTED, "delay@1")
    compared = "The gates compared delay@1 with delay@2, both on the test rows of this run."
    assert found.reasons == ("champion: Compared with delay@2.", compared)


def test_outcome_is_kept_when_the_run_registered_nothing(project: Any):
    found = judged(project, finished(project), project.register(b"one", passed=True))
    assert (found.outcome, found.challenger) == (Outcome.KEPT, None)
    assert found.reasons == ("The run registered no version of delay.",)


def test_outcome_is_failed_when_the_run_failed(project: Any):
    found = judged(project, finished(project, PipelineRunStatus.FAILED), None)
    assert found.outcome is Outcome.FAILED
    assert found.reasons == ("The pipeline failed: Step 'tune' raised ValueError: no rows",)


def test_outcome_is_promoted_when_there_was_no_champion(project: Any):
    run = finished(project)
    project.register(b"one", passed=True, run_id=run.id)
    assert judged(project, run, None).outcome is Outcome.PROMOTED


def test_outcome_stands_when_the_gate_report_cannot_be_read(project: Any):
    run = finished(project)
    version = project.register(b"one", passed=True, run_id=run.id)
    project.registry.attach("delay", version.version, {"gates.json": project.stores.artifacts.put(b"[1]")})
    found = judged(project, run, None)
    assert found.outcome is Outcome.PROMOTED
    assert found.reasons[0].startswith("The gate report of delay@1 cannot be read")


def test_failed_run_says_what_was_raised():
    assert failed_run(KeyError("x")).reasons == ("The pipeline could not be run: KeyError: 'x'",)
    assert failed_run(InvalidInputError("No file.", hint="Look.")).reasons == (
        "The pipeline could not be run: No file. Look.",
    )


def test_outcome_is_a_canary_while_the_challenger_shares_the_requests(project: Any):
    before, run = project.register(b"one", passed=True), finished(project)
    challenger = project.register(b"two", passed=True, run_id=run.id)
    project.registry.promote("delay", 1, reason="back")
    control = RolloutControl(stores=project.stores, registry=project.registry, clock=project.clock, actor="automation")
    control.start(RolloutPlan(model="delay", versions=[challenger.version], strategy=Canary()))
    found = judged(project, run, before)
    assert (found.outcome, found.challenger) == (Outcome.CANARY, "delay@2")
    assert found.reasons == ("delay@2 passed its gates, and its canary at 'delay' has begun.",)


def test_outcome_says_that_a_package_from_the_cache_saw_no_new_data(project: Any):
    before, run = project.register(b"one", passed=True), finished(project)
    project.note_version(run.id, before.ref)
    step = next(iter(project.stores.pipelines.list_step_runs(run.id)))
    output = ValueRef(name="result", serializer="bytes", digest=before.package, size_bytes=3)
    cached = replace(step, id=StepRunId("package"), step="package", status=StepStatus.CACHED, outputs=(output,))
    project.stores.pipelines.put_step_run(cached)
    found = judged(project, run, before)
    assert found.outcome is Outcome.UNCHANGED
    assert found.reasons[1] == ("No new data since delay@1: what the run would have trained was taken from the cache.")


def test_run_that_a_person_stopped_is_told_from_one_that_failed(project: Any):
    before = project.register(b"one", passed=True)
    found = [
        judged(project, finished(project, status), before).stopped
        for status in (PipelineRunStatus.CANCELLED, PipelineRunStatus.FAILED, PipelineRunStatus.INTERRUPTED)
    ]
    assert found == [True, False, False]
