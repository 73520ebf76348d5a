from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from millwright.automation.limits.ledger import DECIDE, subject_of
from millwright.automation.queue.queue import Ask, RunQueue
from millwright.automation.retraining.repetition import repeated_failure, repeated_refusal, repeated_version
from millwright.core.ids import Digest, StepRunId, new_id
from millwright.core.records.pipeline import PipelineRunStatus, StepRunRecord, StepStatus, ValueRef
from millwright.core.records.queue import Claim, RequestState
from millwright.core.records.schedule import LaunchTarget

HOLDER = "delay@champion"


@pytest.fixture
def packed(project: Any) -> Any:
    """Makes the step run that gave a package."""

    def make(package: bytes) -> StepRunId:
        run = project.run_record(PipelineRunStatus.RUNNING)
        project.stores.pipelines.create_pipeline_run(run)
        step = StepRunRecord(
            id=StepRunId(new_id()),
            pipeline_run_id=run.id,
            step="package",
            function="steps.package",
            status=StepStatus.COMPLETED,
            started_at=project.clock.now(),
            outputs=(
                ValueRef(name="result", serializer="bytes", digest=project.stores.artifacts.put(package), size_bytes=9),
            ),
        )
        project.stores.pipelines.put_step_run(step)
        return step.id

    return make


def test_run_that_would_give_the_champion_again_repeats_it_whatever_gates_would_say(project: Any, packed: Any) -> None:
    project.register(b"one", passed=True)
    text = repeated_version(HOLDER, [packed(b"other"), packed(b"one")], ["check_gates"], project.stores)
    assert text is not None
    assert text.startswith("No new data since delay@1: ")
    assert "training would give delay@1 again" in text


def test_run_that_would_give_a_loser_again_repeats_it_when_nothing_at_all_changed(project: Any, packed: Any) -> None:
    project.register(b"one", passed=True)
    project.register(b"two", passed=False)
    step = packed(b"two")
    assert "No new data since delay@2" in str(repeated_version(HOLDER, [step], [], project.stores))
    assert repeated_version(HOLDER, [step], ["check_gates"], project.stores) is None  # it meets another champion


def test_run_whose_training_would_be_executed_repeats_nothing(project: Any, packed: Any) -> None:
    project.register(b"one", passed=True)
    assert repeated_version(HOLDER, [packed(b"rows")], ["tune"], project.stores) is None
    assert repeated_version(HOLDER, [StepRunId("gone")], [], project.stores) is None


KEY = Digest("b3:key")


@pytest.fixture
def failed(project: Any) -> Any:
    """Makes a retraining whose run failed in a step."""

    def make(error: str = "ValueError: no rows", outcome: str = "failed", **summary: Any) -> None:
        run = project.run_record(PipelineRunStatus.RUNNING)
        project.stores.pipelines.create_pipeline_run(run)
        project.stores.pipelines.put_step_run(
            StepRunRecord(
                id=StepRunId(new_id()),
                pipeline_run_id=run.id,
                step="tune",
                function="steps.tune",
                status=StepStatus.FAILED,
                started_at=project.clock.now(),
                cache_key=KEY,
                error=error,
                summary=summary,
            )
        )
        decided = {"outcome": outcome, "run": run.id}
        project.stores.audit.append(
            at=project.clock.now(), actor="test", action=DECIDE, subject=subject_of("delay"), details=decided
        )

    return make


def test_run_whose_step_would_be_given_what_it_failed_of_would_fail_again(project: Any, failed: Any) -> None:
    assert repeated_failure("delay", {"tune": KEY}, project.stores) is None
    failed()
    text = str(repeated_failure("delay", {"tune": KEY}, project.stores))
    assert text.startswith(
        "The last retraining failed (ValueError: no rows), and would fail again: step 'tune' would be"
    )
    assert "mw alerts retrain" in text
    assert repeated_failure("delay", {"tune": Digest("b3:other")}, project.stores) is None  # data, code or parameters
    assert repeated_failure("delay", {}, project.stores) is None  # it has succeeded meanwhile, or that cannot be told


def test_failure_that_may_pass_is_tried_again(project: Any, failed: Any) -> None:
    failed("TimeoutError: took longer than 3 s", transient=True)
    assert repeated_failure("delay", {"tune": KEY}, project.stores) is None


def test_only_the_last_retraining_counts(project: Any, failed: Any) -> None:
    failed()
    failed(outcome="kept")
    assert repeated_failure("delay", {"tune": KEY}, project.stores) is None


def test_run_that_could_not_begin_and_still_cannot_is_not_begun(project: Any) -> None:
    assert repeated_refusal("delay", "SyntaxError: invalid syntax", project.stores) is None
    now = project.clock.now()
    target = LaunchTarget(name="delay", pipeline="/project/pipeline.py:delay", project_dir="/project", params={})
    request = RunQueue(stores=project.stores, clock=project.clock, actor="test").enqueue(target, Ask(trigger="alert:1"))
    project.stores.queue.claim(Claim(owner="worker", now=now, until=now + timedelta(hours=1)))
    project.stores.queue.finish(request.id, "worker", RequestState.FAILED, at=now, error="SyntaxError: invalid syntax")
    details = {"outcome": "failed", "run": request.id}
    project.stores.audit.append(at=now, actor="test", action=DECIDE, subject=subject_of("delay"), details=details)
    text = str(repeated_refusal("delay", "SyntaxError: invalid syntax", project.stores))
    assert text.startswith("The last retraining failed (SyntaxError: invalid syntax), and would fail again")
    assert repeated_refusal("delay", "NameError: gone", project.stores) is None
