from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

import millwright as mw
from millwright.core.errors import PipelineDefinitionError, StepFailedError
from millwright.core.records.pipeline import PipelineRunStatus
from millwright.pipelines.runner import RunOptions


@dataclass(frozen=True)
class Report:
    passed: bool
    score: float


@mw.step
def check(limit: int) -> Report:
    return Report(passed=limit > 3, score=limit / 10)


@mw.step
def ship(score: float) -> str:
    return f"shipped {score}"


@mw.step
def keep() -> str:
    return "kept"


@mw.step
def tell(text: str) -> str:
    return f"told: {text}"


@mw.step
def after_ship(text: str) -> str:
    return text


@mw.pipeline
def choosing(limit: int = 5) -> None:
    report = check(limit)
    with mw.when(report.passed):
        shipped = ship(report.score)
        after_ship(shipped)
    with mw.when(report.passed, equals=False):
        kept = keep()
    tell(mw.first(shipped, kept))


def found(result: Any) -> dict[str, str]:
    return {record.step: record.status.value for record in result.steps}


def test_steps_under_a_condition_are_executed_when_it_holds(bench: Any) -> None:
    result = bench.run(choosing)
    assert found(result) == {
        "check": "completed",
        "ship": "completed",
        "after_ship": "completed",
        "keep": "skipped",
        "tell": "completed",
    }
    assert result.value("tell") == "told: shipped 0.5"
    assert result.step("keep").summary == {"skipped": "the condition does not hold: check.passed is False"}


def test_steps_that_need_a_skipped_one_are_skipped_and_say_why(bench: Any) -> None:
    result = bench.run(choosing, {"limit": 1})
    assert found(result)["after_ship"] == "skipped"
    assert result.step("after_ship").summary["skipped"] == "the condition does not hold: check.passed is True"
    assert result.value("tell") == "told: kept"
    assert result.record.status is PipelineRunStatus.COMPLETED


def test_step_whose_every_source_was_skipped_is_skipped(bench: Any) -> None:
    @mw.pipeline
    def both() -> None:
        report = check(1)
        with mw.when(report.passed):
            shipped = ship(1.0)
        after_ship(shipped)

    assert bench.run(both).step("after_ship").summary["skipped"] == "step 'ship', whose output it needs, was skipped"


def test_conditions_can_ask_for_a_value(bench: Any) -> None:
    @mw.pipeline
    def by_text() -> None:
        word = keep()
        with mw.when(word, equals="kept"):
            tell(word)
        with mw.when(word, equals="other"):
            after_ship(word)
        with mw.when(word, differs_from="other"):
            ship(1.0)

    assert found(bench.run(by_text)) == {
        "keep": "completed",
        "tell": "completed",
        "after_ship": "skipped",
        "ship": "completed",
    }


def test_conditions_stand_in_bodies_and_test_outputs() -> None:
    with pytest.raises(PipelineDefinitionError, match="stands in the body"), mw.when(1):
        pass

    @mw.pipeline
    def wrong() -> None:
        with mw.when(True):
            keep()

    with pytest.raises(PipelineDefinitionError, match="expected the output of a step, found True"):
        wrong.bind({})


def test_order_without_data_is_kept(bench: Any) -> None:
    @mw.pipeline
    def ordered() -> None:
        last = tell.with_options(priority=5)("x", after=keep())  # type: ignore[call-arg]
        after_ship.with_options(after=[last])("y")

    graph = ordered.bind({})
    assert [node.after for node in graph.nodes] == [(), ("keep",), ("tell",)]
    assert list(found(bench.run(ordered))) == ["keep", "tell", "after_ship"]


def test_step_with_the_higher_priority_begins_first(bench: Any) -> None:
    @mw.pipeline
    def urgent() -> None:
        tell.with_options(name="low")("a")
        tell.with_options(name="high", priority=3)("b")

    begun: list[str] = []
    options = RunOptions(on_step=lambda record: begun.append(record.step) if record.ended_at is None else None)
    bench.run(urgent, options=options)
    assert begun == ["high", "low"]


def test_only_named_exceptions_are_tried_again(bench: Any) -> None:
    tries: list[str] = []

    @mw.step(retries=3, retry_on=ConnectionError, retry_wait="1ms", cache=False)
    def shaky(kind: str) -> int:
        tries.append(kind)
        raise ConnectionResetError(kind) if kind == "connection" and len(tries) < 3 else ValueError(kind)

    @mw.pipeline
    def demo(kind: str) -> None:
        shaky(kind)

    with pytest.raises(StepFailedError, match="ValueError"):
        bench.run(demo, {"kind": "other"})
    assert tries == ["other"]
    tries.clear()
    with pytest.raises(StepFailedError, match="ValueError: connection"):
        bench.run(demo, {"kind": "connection"})
    assert len(tries) == 3


def test_number_of_attempts_is_recorded(bench: Any) -> None:
    tries: list[int] = []

    @mw.step(retries=2, retry_wait="1ms", cache=False)
    def shaky() -> int:
        tries.append(1)
        if len(tries) < 2:
            raise OSError("away")
        return 1

    @mw.pipeline
    def demo() -> None:
        shaky()

    assert bench.run(demo).step("shaky").attempts == 2


def test_run_that_another_process_began_is_gone_on_with(bench: Any) -> None:
    calls: list[str] = []

    @mw.step(cache=False)
    def first() -> int:
        calls.append("first")
        return 1

    @mw.step(cache=False)
    def second(number: int) -> int:
        return number + 1

    @mw.pipeline
    def demo(stop: str = "") -> None:
        second(first())

    begun = bench.run(demo, options=RunOptions(until="first"))
    # As if its process had died: the record says that it runs.
    from dataclasses import replace

    from millwright.core.ids import PipelineRunId, new_id

    run_id = PipelineRunId(new_id())
    record = replace(begun.record, id=run_id, status=PipelineRunStatus.RUNNING, ended_at=None)
    bench.stores.pipelines.create_pipeline_run(record)
    bench.stores.pipelines.put_step_run(replace(begun.step("first"), id=new_id(), pipeline_run_id=run_id))
    result = bench.run(demo, options=RunOptions(run_id=run_id))
    assert calls == ["first"]
    assert (result.record.id, result.record.attempt) == (run_id, 2)
    assert result.value("second") == 2
    assert len(bench.stores.pipelines.list_step_runs(run_id)) == 2
