from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

import millwright as mw
from millwright.core.clock import SystemClock
from millwright.core.errors import MillwrightError, StepFailedError
from millwright.core.ids import PipelineRunId, StepRunId, new_id
from millwright.core.records.pipeline import PipelineRunStatus, StepStatus
from millwright.pipelines.runner import RunOptions

STARTED, GO = threading.Event(), threading.Event()
FIRST = threading.Semaphore(1)


@mw.step
def square(number: int) -> int:
    return number * number


@mw.step
def total(numbers: list[int]) -> int:
    return sum(numbers)


@mw.step
def numbers(count: int) -> list[int]:
    return list(range(count))


@mw.step
def frames(count: int) -> list[pl.DataFrame]:
    return [pl.DataFrame({"a": range(n)}) for n in range(count)]


@mw.step
def height(frame: pl.DataFrame, add: int = 0) -> int:
    return frame.height + add


@mw.step
def label(number: int, text: str) -> str:
    return f"{number}{text}"


@mw.step
def careful(number: int) -> int:
    if number == 2:
        raise ValueError("two")
    return number


@mw.step
def gated(number: int) -> int:
    if number == 2:
        STARTED.set()
        assert GO.wait(60)
    return number


@mw.pipeline
def overlapping(first: int) -> None:
    total(gated.map(list(range(first, first + 3))))


@mw.step
def failing_once(number: int) -> int:
    if number == 2 and FIRST.acquire(blocking=False):
        STARTED.set()
        assert GO.wait(60)
        raise ValueError("the first time")
    return number


@mw.pipeline
def stumbling(first: int) -> None:
    failing_once.map(list(range(first, first + 3)))


@mw.pipeline
def over_list(count: int = 3) -> None:
    total(square.map(list(range(count))))


@mw.pipeline
def over_output(count: int = 3) -> None:
    total(square.map(numbers(count)))


@mw.pipeline
def over_frames(count: int = 3) -> None:
    total(height.map(frames(count), add=1))


@mw.pipeline
def over_outputs() -> None:
    total(square.map([square(2), square(3)]))


@mw.pipeline
def in_step() -> None:
    label.map(mw.each([1, 2]), mw.each(["a", "b"]))


@mw.pipeline
def unequal() -> None:
    label.map(mw.each([1, 2]), mw.each(["a"]))


@mw.pipeline
def chained(count: int = 3) -> None:
    total(square.map(square.map(list(range(count)))))


@mw.step(cache=False)
def uncached(number: int) -> int:
    return number


@mw.pipeline
def never_kept() -> None:
    uncached.map([7, 8])


@mw.pipeline
def failing() -> None:
    careful.map([1, 2, 3])


def items(result: Any, step: str) -> list[str]:
    return [record.status.value for record in result.steps if record.part_of == step]


@pytest.mark.parametrize(
    ("pipeline", "expected"), [(over_list, 5), (over_output, 5), (over_frames, 6), (over_outputs, 97), (chained, 17)]
)
def test_items_are_gathered_in_their_order(bench: Any, pipeline: Any, expected: int) -> None:
    assert bench.run(pipeline).value("total") == expected


def test_lists_are_taken_in_step(bench: Any) -> None:
    assert bench.run(in_step).value("label") == ["1a", "2b"]


def test_nothing_is_executed_for_an_empty_list(bench: Any) -> None:
    result = bench.run(over_output, {"count": 0})
    assert result.value("total") == 0
    assert items(result, "square") == []


def test_each_item_has_a_record_and_a_key_of_its_own(bench: Any) -> None:
    first = bench.run(over_list, {"count": 3})
    records = [record for record in first.steps if record.part_of]
    assert [record.step for record in records] == ["square[0]", "square[1]", "square[2]"]
    assert len({record.cache_key for record in records}) == 3
    assert first.step("square").summary == {"items": 3, "cached": 0}
    second = bench.run(over_list, {"count": 4})
    assert sorted(items(second, "square")) == ["cached", "cached", "cached", "completed"]
    assert second.step("square").summary == {"items": 4, "cached": 3}


def test_whole_is_cached_when_no_item_has_changed(bench: Any) -> None:
    bench.run(over_output)
    again = bench.run(over_output)
    assert [(record.step, record.status.value) for record in again.steps] == [
        ("numbers", "cached"),
        ("square", "cached"),
        ("total", "cached"),
    ]


def test_keys_of_items_do_not_depend_on_how_the_list_came_about(bench: Any) -> None:
    bench.run(over_list)
    assert bench.run(over_output).step("square").status is StepStatus.CACHED


def test_forced_step_executes_all_items(bench: Any) -> None:
    bench.run(over_list)
    again = bench.run(over_list, options=RunOptions(force=frozenset({"square"})))
    assert items(again, "square") == ["completed"] * 3
    assert again.step("total").status is StepStatus.CACHED


def test_failed_item_fails_the_run_and_the_others_are_kept(bench: Any) -> None:
    with pytest.raises(StepFailedError, match=r"Step 'careful\[1\]' failed: ValueError: two"):
        bench.run(failing)
    (run,) = bench.stores.pipelines.list_pipeline_runs()
    found = {record.step: record.status.value for record in bench.stores.pipelines.list_step_runs(run.id)}
    assert found["careful[0]"] == "completed"
    assert found["careful[1]"] == "failed"
    assert "running" not in found.values()


def test_items_of_a_run_that_another_process_began_are_not_executed_again(bench: Any) -> None:
    first = bench.run(never_kept)
    run_id = PipelineRunId(new_id())
    record = replace(first.record, id=run_id, status=PipelineRunStatus.RUNNING, ended_at=None)
    bench.stores.pipelines.create_pipeline_run(record)
    done = replace(first.step("uncached[1]"), id=StepRunId(new_id()), pipeline_run_id=run_id)
    bench.stores.pipelines.put_step_run(done)
    result = bench.run(never_kept, options=RunOptions(run_id=run_id))
    recorded = bench.stores.pipelines.list_step_runs(run_id)
    assert sorted(step.step for step in recorded) == ["uncached", "uncached[0]", "uncached[1]"]
    assert result.step("uncached[1]").id == done.id
    assert result.value("uncached") == [7, 8]


def test_lists_of_different_lengths_are_refused(bench: Any) -> None:
    with pytest.raises(MillwrightError, match="different lengths: 2 for 'number', 1 for 'text'"):
        bench.run(unequal)


def test_items_that_two_runs_share_are_computed_once(bench: Any) -> None:
    STARTED.clear()
    GO.clear()
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(bench.run, overlapping, {"first": 1})
        assert STARTED.wait(60)
        other = pool.submit(bench.run, overlapping, {"first": 2})
        while not bench.progress.said:
            assert not other.done()
        GO.set()
        first, second = one.result(60), other.result(60)
    assert items(first, "gated") == ["completed"] * 3
    assert {step.step: step.status.value for step in second.steps if step.part_of} == {
        "gated[0]": "cached", "gated[1]": "cached", "gated[2]": "completed",
    }  # fmt: skip
    assert (first.value("total"), second.value("total")) == (6, 9)
    assert bench.progress.said == ["Another run is executing items of step 'gated'; waiting for their results."]
    held = [f"step:{step.cache_key}" for step in (*first.steps, *second.steps)]
    assert not [name for name in held if bench.stores.leases.holder(name, now=SystemClock().now())]


def test_items_that_another_run_gave_up_are_taken_over(bench: Any) -> None:
    STARTED.clear()
    GO.clear()
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(bench.run, stumbling, {"first": 1})
        assert STARTED.wait(60)
        other = pool.submit(bench.run, stumbling, {"first": 2})
        while not bench.progress.said:
            assert not other.done()
        GO.set()
        with pytest.raises(StepFailedError, match="the first time"):
            one.result(60)
        assert other.result(60).value("failing_once") == [2, 3, 4]
