from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

import millwright as mw
from millwright.core.errors import StepFailedError
from millwright.core.ids import PipelineRunId, StepRunId
from millwright.core.records.pipeline import StepRunRecord, StepStatus
from millwright.pipelines.runner.attempt_log import AttemptLog
from millwright.pipelines.runner.executors.base import Outcome
from millwright.pipelines.runner.failure import StepFailure
from millwright.pipelines.runner.observation.live import LiveLogs
from millwright.pipelines.runner.pending import Pending

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from millwright.pipelines.pipeline import Pipeline

PROJECT = """
    from pathlib import Path
    import millwright as mw

    @mw.step(retries=2, retry_wait="1ms", retry_on=OSError)
    def shaky(n: int, folder: str, good: int) -> int:
        mark = Path(folder, f"tried-{n}")
        tried = len(mark.read_text()) if mark.exists() else 0
        mark.write_text("x" * (tried + 1))
        print("try", tried)
        if tried < good:
            raise OSError("away")
        return n

    @mw.pipeline
    def demo(folder: str, good: int = 2) -> None:
        shaky(0, folder, good)
        shaky.with_options(name="each").map(mw.each([1, 2]), folder=folder, good=1)
"""


@mw.step
def one() -> int:
    return 1


@mw.pipeline
def demo() -> None:
    one()


def tried() -> Pending:
    node: Any = demo.build().nodes[0]
    record = StepRunRecord(
        id=StepRunId("step"),
        pipeline_run_id=PipelineRunId("run"),
        step="one",
        function="one",
        status=StepStatus.RUNNING,
        started_at=datetime.now(UTC),
    )
    context: Any = None
    return Pending(node=node, base="one", links={}, context=context, record=record, attempts=1)


def log_of(bench: Any, step: Any) -> list[str]:
    lines = bench.stores.artifacts.get(step.log).decode().splitlines()
    return [line for line in lines if line.startswith(("try", "──", "OSError"))]


def test_log_has_what_every_attempt_printed_and_why_there_was_another(
    bench: Any, load: Callable[..., Pipeline], tmp_path: Path
) -> None:
    found = bench.run(load(pipeline=PROJECT), {"folder": str(tmp_path)})
    assert log_of(bench, found.step("shaky")) == [
        "try 0",
        "OSError: away",
        "── attempt 1: OSError: away; tried again ──",
        "try 1",
        "OSError: away",
        "── attempt 2: OSError: away; tried again ──",
        "try 2",
    ]
    items = [each for each in bench.stores.pipelines.list_step_runs(found.record.id) if each.part_of]
    assert [log_of(bench, item)[-1] for item in items] == ["try 1", "try 1"]


def test_log_of_a_step_that_failed_for_good_has_all_attempts(
    bench: Any, load: Callable[..., Pipeline], tmp_path: Path
) -> None:
    with pytest.raises(StepFailedError):
        bench.run(load(pipeline=PROJECT), {"folder": str(tmp_path), "good": 9})
    (run,) = bench.stores.pipelines.list_pipeline_runs()
    step = next(each for each in bench.stores.pipelines.list_step_runs(run.id) if each.step == "shaky")
    assert step.status is StepStatus.FAILED
    assert [line for line in log_of(bench, step) if line.startswith("try")] == ["try 0", "try 1", "try 2"]


def test_those_who_read_along_see_the_attempts_before(bench: Any, tmp_path: Path) -> None:
    live = LiveLogs(tmp_path / "live")
    attempts = AttemptLog(bench.stores.artifacts, {LiveLogs: live})
    pending = tried()
    failed = Outcome(log=bench.stores.artifacts.put(b"one"), failure=StepFailure(kind="OSError", text="OSError: away"))
    attempts.keep(pending, failed)
    assert live.read(pending.record.id).decode() == "one\n── attempt 1: OSError: away; tried again ──\n"
    live.append(pending.record.id, "two\n")
    done = attempts.whole(pending, Outcome(log=bench.stores.artifacts.put(b"two\n")))
    assert bench.stores.artifacts.get(done.log).decode() == "one\n── attempt 1: OSError: away; tried again ──\ntwo\n"
    assert live.read(pending.record.id) == b""


def test_log_of_a_first_attempt_is_left_alone(bench: Any) -> None:
    pending = tried()
    outcome = Outcome()
    assert AttemptLog(bench.stores.artifacts, {}).whole(pending, outcome) is outcome
