from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import millwright as mw
from millwright.core.clock import SystemClock
from millwright.core.events import EventBus
from millwright.core.records.pipeline import StepStatus
from millwright.pipelines.runner import PipelineRunner, RunOptions

if TYPE_CHECKING:
    from millwright.storage.catalog import Stores


@mw.step(cache_ttl="1h")
def short() -> int:
    return 1


@mw.step
def plain() -> int:
    return 2


@mw.pipeline
def demo() -> None:
    short()
    plain()


def statuses(bench: Any, **options: Any) -> dict[str, str]:
    return {step.step: step.status.value for step in bench.run(demo, options=RunOptions(**options)).steps}


def test_kept_results_are_taken_unless_somebody_wants_them_anew(bench: Any) -> None:
    statuses(bench)
    assert statuses(bench) == {"short": "cached", "plain": "cached"}
    assert statuses(bench, force=frozenset({"plain"})) == {"short": "cached", "plain": "completed"}
    assert statuses(bench, use_cache=False) == {"short": "completed", "plain": "completed"}


class InTwoHours(SystemClock):
    """A clock that is ahead."""

    def now(self) -> datetime:
        return super().now() + timedelta(hours=2)


def test_result_that_is_too_old_is_computed_anew(bench: Any) -> None:
    statuses(bench)
    bench.runner = PipelineRunner(
        stores=bench.stores, clock=InTwoHours(), events=EventBus(), services={}, progress=bench.progress
    )
    assert statuses(bench) == {"short": "completed", "plain": "cached"}


def test_result_whose_artifact_is_gone_is_computed_anew(bench: Any, stores: Stores) -> None:
    first = bench.run(demo)
    stores.artifacts.delete(first.step("plain").outputs[0].digest)
    again = bench.run(demo)
    assert again.step("plain").status is StepStatus.COMPLETED
    assert again.value("plain") == 2


def test_run_says_once_why_a_step_is_executed_each_time_unless_it_was_asked_for(bench: Any) -> None:
    @mw.step
    def read(source: Annotated[str, mw.External()]) -> str:
        return source

    @mw.pipeline
    def reading() -> None:
        read(mw.external("memory://nowhere-1/a.csv"))
        read.with_options(name="each").map(["memory://nowhere-1/b.csv", "memory://nowhere-1/c.csv"])

    bench.run(reading)
    first, second = bench.progress.said
    assert first.startswith("Step 'read' is executed each time: memory://nowhere-1/a.csv cannot be asked")
    assert second.startswith("Step 'each' is executed each time: memory://nowhere-1/b.csv")
    bench.progress.said.clear()
    bench.run(reading, options=RunOptions(use_cache=False))
    bench.run(reading, options=RunOptions(force=frozenset({"read", "each"})))
    assert bench.progress.said == []
