from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import pytest

import millwright as mw
from millwright.core.clock import SystemClock
from millwright.core.errors import StepFailedError
from millwright.core.records.pipeline import StepStatus
from millwright.pipelines.runner import PipelineRunner

if TYPE_CHECKING:
    from pathlib import Path

STARTED, GO = threading.Event(), threading.Event()
ATTEMPTS = threading.Semaphore(2)


@mw.step
def slow(n: int) -> int:
    STARTED.set()
    assert GO.wait(30)
    return n + 1


@mw.pipeline
def demo(n: int = 1) -> None:
    slow(n)


@pytest.fixture(autouse=True)
def _closed_gates() -> None:
    STARTED.clear()
    GO.clear()


def test_step_that_fails_now_and_then_is_tried_again_and_says_so(bench: Any) -> None:
    @mw.step(retries=2)
    def shaky() -> str:
        if ATTEMPTS.acquire(blocking=False):
            raise OSError("away")
        return "done"

    @mw.pipeline
    def shaking() -> None:
        shaky()

    assert bench.run(shaking).value("shaky") == "done"
    assert bench.progress.said == [
        "Step 'shaky', attempt 1: OSError: away. Trying again in 0.2 s.",
        "Step 'shaky', attempt 2: OSError: away. Trying again in 0.4 s.",
    ]


def test_step_that_takes_too_long_fails(bench: Any) -> None:
    @mw.step(timeout="50ms")
    def endless() -> int:
        while True:
            pass

    @mw.pipeline
    def ending() -> None:
        endless()

    with pytest.raises(StepFailedError, match=r"TimeoutError: took longer than 0\.05 s"):
        bench.run(ending)


def test_step_receives_absolute_paths_of_the_files_it_names(bench: Any) -> None:
    @mw.step
    def name() -> str:
        return "b.txt"

    @mw.step
    def read(files: Annotated[list[str], mw.External()], one: Annotated[str | None, mw.External()] = None) -> list[str]:
        return [*files, str(one)]

    @mw.pipeline
    def reading() -> None:
        read(["a.txt"], one=name())

    for file in ("a.txt", "b.txt"):
        (bench.project / file).touch()
    folder: Path = bench.project.resolve()
    assert bench.run(reading).value("read") == [str(folder / "a.txt"), str(folder / "b.txt")]


def test_result_that_another_run_recorded_after_our_lease_ran_out_is_taken(bench: Any) -> None:
    # The first run's clock stands still, so that it never renews its lease; the second's is far ahead.
    class Late(SystemClock):
        def now(self) -> Any:
            return super().now() + timedelta(hours=1)

    results: list[Any] = []
    first = threading.Thread(target=lambda: results.append(bench.run(demo)))
    first.start()
    assert STARTED.wait(30)
    other = PipelineRunner(
        stores=bench.stores, clock=Late(), events=bench.runner._events, services={}, progress=bench.progress
    )
    STARTED.clear()
    bench_of_other = type(bench)(bench.stores, other, bench.project, bench.progress)
    second = threading.Thread(target=lambda: results.append(bench_of_other.run(demo)))
    second.start()
    assert STARTED.wait(30), "the second run did not take over"
    GO.set()
    first.join()
    second.join()
    steps = [result.step("slow") for result in results]
    assert sorted(step.status for step in steps) == [StepStatus.CACHED, StepStatus.COMPLETED]
    assert {result.value("slow") for result in results} == {2}
    runs = bench.stores.pipelines.list_pipeline_runs()
    recorded = [step for run in runs for step in bench.stores.pipelines.list_step_runs(run.id)]
    assert sorted(step.status for step in recorded) == [StepStatus.CACHED, StepStatus.COMPLETED]
