from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

import millwright as mw
from millwright.core.errors import MillwrightError
from millwright.core.records.pipeline import PipelineRunStatus, StepStatus

if TYPE_CHECKING:
    from pathlib import Path


@mw.step
def one() -> int:
    return 1


@mw.step
def bump(number: int) -> int:
    return number + 1


@mw.pipeline
def chain() -> None:
    bump(bump(one()))


def test_steps_are_told_in_their_order_whatever_is_written_together(bench: Any) -> None:
    bench.run(chain)
    told = [(event.type, event.data.get("step")) for event in bench.heard if event.type.startswith("step.")]
    steps = ["one", "bump", "bump-2"]
    assert told == [(f"step.{verb}", step) for step in steps for verb in ("started", "completed")]


def test_result_that_is_there_is_told_after_the_step_that_it_waited_for(bench: Any) -> None:
    @mw.step(cache=False)
    def again() -> int:
        return 1

    @mw.pipeline
    def demo() -> None:
        bump(again())

    bench.run(demo)
    bench.heard.clear()
    bench.run(demo)
    told = [(event.type, event.data["step"]) for event in bench.heard if event.type.startswith("step.")]
    assert told == [("step.started", "again"), ("step.completed", "again"), ("step.cached", "bump")]


def test_result_that_cannot_be_recorded_fails_its_own_step_and_not_the_next(bench: Any, tmp_path: Path) -> None:
    records = tmp_path / "store" / "records.db"

    @mw.step
    def first() -> int:
        with sqlite3.connect(records) as connection:
            connection.execute("DROP TABLE lineage_edges")
        return 1

    @mw.step
    def second(number: int) -> int:
        raise AssertionError(f"begun after a step that has no result, with {number}")

    @mw.pipeline
    def demo() -> None:
        second(first())

    with pytest.raises(MillwrightError, match="lineage_edges"):
        bench.run(demo)
    (run,) = bench.stores.pipelines.list_pipeline_runs()
    assert run.status is PipelineRunStatus.FAILED
    (step,) = bench.stores.pipelines.list_step_runs(run.id)
    assert (step.step, step.status) == ("first", StepStatus.FAILED)


def test_lost_transaction_of_two_steps_is_tried_again_one_by_one(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from millwright.core.errors import ConflictError
    from millwright.pipelines.runner.lease import LeaseKeeper

    acquire, lost = LeaseKeeper.acquire, []

    def lose_once(self: LeaseKeeper, key: Any) -> bool:
        if len(lost) == 1:  # as a database does that ends one of two transactions which wait for each other
            lost.append(key)
            raise ConflictError("deadlock")
        if not lost:
            lost.append(key)
        return acquire(self, key)

    monkeypatch.setattr(LeaseKeeper, "acquire", lose_once)
    result = bench.run(chain)
    assert len(lost) == 2
    assert [step.status for step in result.steps] == [StepStatus.COMPLETED] * 3
    assert {step.status for step in bench.stores.pipelines.list_step_runs(result.record.id)} == {StepStatus.COMPLETED}
