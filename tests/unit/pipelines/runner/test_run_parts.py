from __future__ import annotations

from typing import TYPE_CHECKING, Any

import millwright as mw

if TYPE_CHECKING:
    from millwright.pipelines.runner.executors.base import Job, Outcome
    from millwright.pipelines.runner.run_parts import RunParts

from millwright.core.ids import PipelineRunId
from millwright.pipelines.runner import PipelineRunner, RunnerSettings
from millwright.pipelines.runner.executors.base import Executor
from millwright.pipelines.runner.executors.inline import execute


@mw.step
def one(n: int) -> int:
    return n


@mw.pipeline
def demo(n: int = 3) -> None:
    one(n)


class Looking(Executor):
    """Executes in this process, and shows what the run's steps share."""

    name, capacity = "looking", 1

    def __init__(self, parts: RunParts) -> None:
        self.parts = parts
        self._ended: list[tuple[Job, Outcome]] = []

    def submit(self, job: Job) -> None:
        self._ended.append((job, execute(job, self.parts.shelf)))

    def wait(self, timeout_s: float) -> list[tuple[Job, Outcome]]:  # noqa: ARG002
        ended, self._ended = self._ended, []
        return ended

    def close(self) -> None: ...


def test_each_execution_is_told_of_its_run_under_an_id_of_its_own(bench: Any) -> None:
    made: list[Looking] = []

    def make(parts: RunParts) -> Looking:
        made.append(Looking(parts))
        return made[-1]

    bench.runner = PipelineRunner(
        stores=bench.stores,
        clock=bench.runner._clock,
        events=bench.runner._events,
        services={},
        progress=bench.progress,
        settings=RunnerSettings(executors={"looking": make}, executor="looking"),
    )
    assert bench.run(demo).value("one") == 3
    first, second = (made[0].parts.context(PipelineRunId("run"), "one") for _ in range(2))
    assert (first.pipeline, first.step, first.pipeline_run_id, first.params) == ("demo", "one", "run", {"n": 3})
    assert first.step_run_id != second.step_run_id
    assert not first.cancelled
