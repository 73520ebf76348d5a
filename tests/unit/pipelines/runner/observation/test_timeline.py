from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from millwright.core.digest import digest_bytes
from millwright.core.ids import PipelineRunId, StepRunId
from millwright.core.records.code import CodeRecord
from millwright.core.records.pipeline import (
    PipelineRunRecord,
    PipelineRunStatus,
    StepRunRecord,
    StepStatus,
    StepUsage,
)
from millwright.pipelines.runner.observation.timeline import timeline, total_usage

START = datetime(2026, 1, 1, tzinfo=UTC)
CODE = CodeRecord(entrypoint="pipeline.py:demo", snapshot=None, source_digest=digest_bytes(b"source"))


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def run(end: float | None) -> PipelineRunRecord:
    return PipelineRunRecord(
        id=PipelineRunId("a"),
        pipeline="demo",
        status=PipelineRunStatus.RUNNING if end is None else PipelineRunStatus.COMPLETED,
        started_at=START,
        ended_at=None if end is None else at(end),
        code=CODE,
        owner="",
        trigger="user",
    )


def step(name: str, begin: float, end: float | None, **more: Any) -> StepRunRecord:
    return StepRunRecord(
        id=StepRunId(name),
        pipeline_run_id=PipelineRunId("a"),
        step=name,
        function=name,
        status=more.pop("status", StepStatus.RUNNING if end is None else StepStatus.COMPLETED),
        started_at=at(begin),
        ended_at=None if end is None else at(end),
        **more,
    )


def test_steps_stand_where_they_were_executed() -> None:
    spans = timeline(run(10), [step("late", 5, 10), step("early", 0, 2.5)], now=at(99))
    assert [(span.record.step, span.start, span.width, span.seconds) for span in spans] == [
        ("early", 0.0, 0.25, 2.5),
        ("late", 0.5, 0.5, 5.0),
    ]


def test_step_that_goes_on_lasts_until_now() -> None:
    (span,) = timeline(run(None), [step("long", 2, None)], now=at(8))
    assert (span.start, span.width, span.seconds) == (0.25, 0.75, 6.0)


def test_step_whose_process_died_ends_with_the_run() -> None:
    (span,) = timeline(run(4), [step("dead", 1, None, status=StepStatus.INTERRUPTED)], now=at(99))
    assert span.seconds == 3.0


def test_run_of_no_length_and_clocks_that_disagree_give_shares_within_the_line() -> None:
    assert [(span.start, span.width) for span in timeline(run(0), [step("a", 0, 0)], now=START)] == [(0.0, 0.0)]
    for span in timeline(run(1), [step("before", -5, -6), step("after", 3, 2)], now=START):
        assert 0 <= span.start <= span.start + span.width <= 1
        assert span.seconds == 0.0


def test_run_without_steps_has_no_spans() -> None:
    assert timeline(run(None), [], now=START) == []
    assert total_usage([]) is None


def test_items_stand_with_the_step_that_they_are_part_of() -> None:
    def item(number: int, status: StepStatus, usage: StepUsage | None) -> StepRunRecord:
        return step(f"score[{number}]", number, number + 1, part_of="score", status=status, usage=usage)

    items = [
        item(0, StepStatus.COMPLETED, StepUsage(cpu_s=1.0, peak_memory_bytes=10, cost=0.5)),
        item(1, StepStatus.COMPLETED, StepUsage(cpu_s=2.0, peak_memory_bytes=30)),
        item(2, StepStatus.CACHED, None),
        item(3, StepStatus.FAILED, None),
    ]
    own = StepUsage(cpu_s=4.0, peak_memory_bytes=20)
    spans = timeline(run(4), [*items, step("score", 0, 4), step("sum", 4, 4, usage=own)], now=START)
    assert [span.record.step for span in spans] == ["score", "sum"]
    assert spans[0].usage == StepUsage(cpu_s=3.0, peak_memory_bytes=30, cost=0.5)
    assert [spans[0].count(status) for status in (StepStatus.COMPLETED, StepStatus.CACHED, StepStatus.FAILED)] == [
        2, 1, 1,
    ]  # fmt: skip
    assert total_usage(spans) == StepUsage(cpu_s=7.0, peak_memory_bytes=30, cost=0.5)
