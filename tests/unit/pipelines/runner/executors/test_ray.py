from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import ConfigurationError, StepFailedError
from millwright.core.records.pipeline import StepStatus
from millwright.pipelines.runner import RunOptions
from millwright.pipelines.runner.executors.ray import RayExecutor, connected

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'millwright[ray]'")
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("ray_cluster")]

PROJECT = """
    import os, time
    import polars as pl
    import millwright as mw

    @mw.step(resources=mw.Resources(cpu=0.5, memory="1GB"))
    def make(n: int) -> pl.DataFrame:
        print("hello from ray")
        return pl.DataFrame({"a": range(n)})

    @mw.step
    def square(n: int) -> int:
        return n * n

    @mw.step
    def total(table: pl.DataFrame, numbers: list[int]) -> int:
        return int(table["a"].sum()) + sum(numbers)

    @mw.pipeline
    def demo(n: int = 4) -> None:
        total(make(n), square.map(list(range(n))))

    @mw.step
    def wrong() -> int:
        raise ValueError("no rows")

    @mw.pipeline
    def failing() -> None:
        wrong()

    @mw.step(timeout="1s")
    def endless() -> int:
        while True:
            try:
                time.sleep(60)
            except TimeoutError:
                pass

    @mw.step(timeout="2s", resources=mw.Resources(cpu=2), cache=False)
    def whole(n: int) -> int:
        time.sleep(1)
        return n

    @mw.pipeline
    def waiting() -> None:
        whole.map(list(range(6)))

    @mw.step(timeout="60s")
    def dying() -> int:
        os._exit(3)

    @mw.pipeline
    def dead() -> None:
        dying()

    @mw.pipeline
    def late() -> None:
        endless()

    @mw.step(retries=1, resources=mw.Resources(memory="900MB"))
    def greedy() -> int:
        held = []
        for _ in range(200):
            held.append(b"x" * 10_000_000)
            time.sleep(0.01)
        return len(held)

    @mw.step(resources=mw.Resources(memory="900MB"), cache=False)
    def modest() -> int:
        return len(b"x" * 1_000_000)

    @mw.step(resources=mw.Resources(cpu=0.5, gpu=3))
    def drawn(n: int) -> int:
        return n

    @mw.pipeline
    def drawing() -> None:
        drawn.map([1, 2])

    @mw.pipeline
    def big() -> None:
        greedy()

    @mw.pipeline
    def small() -> None:
        modest()
"""


@pytest.fixture
def bench(elsewhere: Callable[..., Any]) -> Any:
    return elsewhere("ray", RayExecutor)


@pytest.fixture
def pipeline(write: Callable[..., Path]) -> Callable[[str], Any]:
    from millwright.pipelines.source import load_pipeline

    path = write(pipeline=PROJECT)
    return lambda name: load_pipeline(path, name)


def test_steps_run_on_ray_with_the_same_results_and_keys(bench: Any, pipeline: Callable[[str], Any]) -> None:
    found = bench.run(pipeline("demo"))
    assert found.value("total") == 20
    assert bench.stores.artifacts.get(found.step("make").log).decode().endswith("hello from ray\n")
    again = bench.run(pipeline("demo"), options=RunOptions(executor="inline"))
    assert {record.status for record in again.steps} == {StepStatus.CACHED}


def test_error_is_told_with_its_place(bench: Any, pipeline: Callable[[str], Any]) -> None:
    with pytest.raises(StepFailedError, match=r"Step 'wrong' failed: ValueError: no rows \(pipeline\.py:\d+\)"):
        bench.run(pipeline("failing"))


def test_step_that_takes_too_long_is_stopped(bench: Any, pipeline: Callable[[str], Any]) -> None:
    with pytest.raises(StepFailedError, match="Step 'endless' failed: TimeoutError"):
        bench.run(pipeline("late"))


def test_time_for_which_a_step_waits_for_resources_is_not_its_own(bench: Any, pipeline: Callable[[str], Any]) -> None:
    assert bench.run(pipeline("waiting")).value("whole") == list(range(6))


def test_worker_that_dies_is_not_taken_for_one_that_took_too_long(bench: Any, pipeline: Callable[[str], Any]) -> None:
    with pytest.raises(StepFailedError, match="Step 'dying' failed: its Ray worker died"):
        bench.run(pipeline("dead"))


def test_step_that_takes_too_much_memory_is_ended_and_not_tried_again(
    bench: Any, pipeline: Callable[[str], Any]
) -> None:
    with pytest.raises(StepFailedError, match=r"MemoryError: took [\d,]+ MiB of memory, and its limit is 900MB"):
        bench.run(pipeline("big"))
    assert bench.progress.said == []
    assert bench.run(pipeline("small")).value("modest") == 1_000_000


def test_step_that_asks_for_more_than_there_is_fails_at_once_and_says_what_there_is(
    bench: Any, pipeline: Callable[[str], Any]
) -> None:
    lacking = r"it asks for CPU 0\.5, GPU 3, and no node of Ray has that; the most that one has: CPU 2, GPU 0, memory"
    with pytest.raises(StepFailedError, match=lacking):
        bench.run(pipeline("drawing"))


@pytest.mark.parametrize("address", ["nonsense://x", "127.0.0.1:1", "ray://127.0.0.1:1"])
def test_cluster_that_does_not_answer_is_told_at_once_and_in_whole_sentences(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    with pytest.raises(ConfigurationError, match=rf"^No Ray cluster answers at '{address}': [^.].*[^.]\.$"):
        connected(address)
