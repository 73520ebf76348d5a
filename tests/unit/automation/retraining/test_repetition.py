from __future__ import annotations

from typing import Any

import pytest

from millwright.automation.retraining.repetition import repeated_version
from millwright.core.ids import StepRunId, new_id
from millwright.core.records.pipeline import PipelineRunStatus, StepRunRecord, StepStatus, ValueRef

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
