from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from millwright.pipelines.runner.executors.base import Executor, Job, Outcome
from millwright.pipelines.runner.executors.remote import Opener, RemoteTask, RemoteWorker, outcome_of, task_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.pipelines.runner.run_parts import RunParts

PROJECT = """
    import enum
    import polars as pl
    import millwright as mw

    class Kind(enum.Enum):
        GOOD = "good"

    @mw.step
    def make(kind: Kind) -> tuple[pl.DataFrame, dict[str, int]]:
        return pl.DataFrame({"a": [1, 2]}), {kind.value: 3}

    @mw.step
    def pick(ctx: mw.StepContext, table: pl.DataFrame, counts: dict[str, int], n: int) -> int:
        ctx.note(rows=table.height)
        return counts["good"] * n

    @mw.step
    def fail(n: int) -> int:
        raise mw_error("too many", hint="Take less.", details={"n": n})

    from millwright.core.errors import InvalidInputError as mw_error

    @mw.pipeline
    def demo(kind: Kind = Kind.GOOD) -> None:
        table, counts = make(kind)
        pick.map(table, counts, mw.each([1, 2]))

    @mw.pipeline
    def failing() -> None:
        fail(7)
"""


class ThereAndBack(Executor):
    """Sends each job through bytes, in this process."""

    name, capacity = "there", 1

    def __init__(self, parts: RunParts, opener: Opener) -> None:
        self._parts, self._worker = parts, RemoteWorker(opener)
        self._ended: list[tuple[Job, Outcome]] = []
        self.tasks: list[RemoteTask] = []

    def submit(self, job: Job) -> None:
        data = task_bytes(job, self._parts)
        self.tasks.append(msgspec.msgpack.decode(data, type=RemoteTask))
        self._ended.append((job, outcome_of(self._worker.perform(data))))

    def wait(self, timeout_s: float) -> list[tuple[Job, Outcome]]:  # noqa: ARG002
        ended, self._ended = self._ended, []
        return ended

    def close(self) -> None: ...


def test_jobs_and_outcomes_survive_the_way_there_and_back(
    elsewhere: Callable[..., Any], write: Callable[..., Any]
) -> None:
    from millwright.pipelines.source import load_pipeline

    made: list[ThereAndBack] = []

    def make(parts: RunParts, opener: Opener) -> ThereAndBack:
        made.append(ThereAndBack(parts, opener))
        return made[-1]

    bench = elsewhere("there", make)
    found = bench.run(load_pipeline(write(pipeline=PROJECT), "demo"))
    assert found.value("pick") == [3, 6]
    assert [task.step for task in made[0].tasks] == ["make", "pick[0]", "pick[1]"]
    assert found.step("pick[0]").summary == {"rows": 2}


def test_errors_of_millwright_come_back_as_they_were(elsewhere: Callable[..., Any], write: Callable[..., Any]) -> None:
    import pytest

    from millwright.core.errors import InvalidInputError
    from millwright.pipelines.source import load_pipeline

    bench = elsewhere("there", ThereAndBack)
    with pytest.raises(InvalidInputError, match="too many") as caught:
        bench.run(load_pipeline(write(pipeline=PROJECT), "failing"))
    assert caught.value.hint == "Take less."
    assert caught.value.details == {"n": 7, "step": "fail"}
