from __future__ import annotations

from typing import Any

import pytest

import millwright as mw
from millwright.core.errors import PipelineDefinitionError, StepFailedError

TOLD: list[str] = []


@mw.step
def broken() -> int:
    raise ValueError("no rows")


@mw.step
def say(failure: mw.on.Failure) -> str:
    TOLD.append(f"{failure.pipeline} {failure.step}: {failure.error}")
    return failure.error


@mw.step
def say_badly(failure: mw.on.Failure) -> None:
    raise OSError("mail is away")


@mw.pipeline(on_failure=[say_badly, say])
def demo() -> None:
    broken()


@pytest.fixture(autouse=True)
def _nothing_told() -> None:
    TOLD.clear()


def test_steps_on_failure_are_told_what_failed_and_recorded(bench: Any) -> None:
    with pytest.raises(StepFailedError, match="no rows"):
        bench.run(demo)
    assert TOLD == ["demo broken: ValueError: no rows"]
    (run,) = bench.stores.pipelines.list_pipeline_runs()
    found = {record.step: record.status.value for record in bench.stores.pipelines.list_step_runs(run.id)}
    assert found == {"broken": "failed", "say_badly": "failed", "say": "completed"}
    assert run.error == "Step 'broken': ValueError: no rows"
    assert (
        "Step 'say_badly', executed because the run failed, failed itself: OSError: mail is away."
        in bench.progress.said
    )


def test_step_on_failure_that_asks_for_more_is_refused() -> None:
    @mw.step
    def greedy(failure: mw.on.Failure, table: int) -> None: ...

    @mw.pipeline(on_failure=greedy)
    def wrong() -> None:
        broken()

    with pytest.raises(PipelineDefinitionError, match="asks for 'table'"):
        wrong.bind({})
