from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.clock import SystemClock
from millwright.core.digest import digest_bytes
from millwright.core.errors import InvalidInputError, NotFoundError, StepFailedError
from millwright.core.ids import ModelVersionId, new_id
from millwright.core.records.model import ModelVersionRecord, ModelVersionState
from millwright.pipelines.runner import RunOptions
from millwright.workspace.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from millwright.core.records.pipeline import PipelineRunRecord

PIPELINE = """
import millwright as mw
from millwright.tracking.tracker import RunStart, Tracker

@mw.step
def pack(ctx: mw.StepContext, size: int) -> bytes:
    ctx.service(Tracker).start_run("packing", options=RunStart(parent_id=ctx.tracking_run_id)).finish()
    return b"x" * size

@mw.pipeline
def packing(size: int = 3) -> None:
    pack(size)
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    (tmp_path / "pipeline.py").write_text(PIPELINE)
    with Workspace.open(tmp_path) as opened:
        yield opened


def version_of(run: PipelineRunRecord | None, package: bytes) -> ModelVersionRecord:
    return ModelVersionRecord(
        id=ModelVersionId(new_id()),
        name="m",
        version=1,
        state=ModelVersionState.CANDIDATE,
        package=digest_bytes(package),
        size_bytes=len(package),
        flavor="sklearn",
        signature={},
        created_at=SystemClock().now(),
        created_by="ada",
        pipeline_run_id=run.id if run else None,
    )


def test_retraining_from_the_record_keeps_its_trials_under_a_run_of_its_own(
    workspace: Workspace, tmp_path: Path
) -> None:
    run = workspace.launcher.run(str(tmp_path / "pipeline.py"), {"size": 5}, RunOptions()).record
    (tmp_path / "pipeline.py").write_text("raise RuntimeError")  # the record is enough
    assert workspace.launcher.retrain(version_of(run, b"xxxxx")) == b"xxxxx"
    again = workspace.stores.pipelines.list_pipeline_runs()[0]
    assert (again.trigger, again.params) == ("reproduce:m@1", {"size": 5})
    assert again.tracking_run_id not in {None, run.tracking_run_id}
    tracked = workspace.stores.runs.get_run(again.tracking_run_id)
    assert (tracked.name, tracked.status.value) == ("packing (again)", "finished")
    assert len(workspace.stores.runs.list_runs(parent_id=tracked.id)) == 1


def test_retraining_says_what_the_record_lacks(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="not made by a pipeline run"):
        workspace.launcher.retrain(version_of(None, b"xxx"))
    run = workspace.launcher.run(str(tmp_path / "pipeline.py"), {}, RunOptions()).record
    with pytest.raises(NotFoundError, match="No step of run"):
        workspace.launcher.retrain(version_of(run, b"other"))


READING = """
from pathlib import Path
from typing import Annotated
import millwright as mw

@mw.step
def count(file: Annotated[str, mw.External()]) -> int:
    return len(Path(file).read_text())

@mw.step
def factor(file: Annotated[str, mw.External()]) -> int:
    return int(Path(file).read_text())

@mw.step
def pack(size: int, times: int) -> bytes:
    return b"x" * size * times

@mw.pipeline
def packing() -> None:
    pack(count("notes.txt"), factor("factor.yaml"))
"""


@pytest.mark.parametrize("absolute", [False, True])
@pytest.mark.parametrize("now", [None, "changed meanwhile"])
def test_retraining_takes_what_was_read_of_files_that_are_not_kept_with_the_code(
    workspace: Workspace, tmp_path: Path, now: str | None, absolute: bool
) -> None:
    named = str(tmp_path / "notes.txt") if absolute else "notes.txt"
    (tmp_path / "pipeline.py").write_text(READING.replace("notes.txt", named))
    (tmp_path / "factor.yaml").write_text("2")
    (tmp_path / "notes.txt").write_text("abc")
    run = workspace.launcher.run(str(tmp_path / "pipeline.py"), {}, RunOptions()).record
    (tmp_path / "notes.txt").unlink()
    (tmp_path / "factor.yaml").write_text("3")
    if now:
        (tmp_path / "notes.txt").write_text(now)
    assert workspace.launcher.retrain(version_of(run, b"x" * 6)) == b"x" * 6
    again = workspace.stores.pipelines.list_pipeline_runs()[0]
    executed = {step.step for step in workspace.stores.pipelines.list_step_runs(again.id) if step.cached_from is None}
    assert executed == {"factor", "pack"}


GATED = """
import os
import millwright as mw

@mw.step(cache=False)
def gate(path: str) -> int:
    if not os.path.exists(path):
        raise OSError("closed")
    return 1

@mw.pipeline
def gated(path: str) -> None:
    gate(path)
"""


def test_failed_run_is_resumed_with_its_parameters(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "gated.py"
    file.write_text(GATED)
    gate = tmp_path / "gate"
    with pytest.raises(StepFailedError):
        workspace.launcher.run(str(file), {"path": str(gate)}, RunOptions())
    (failed,) = workspace.stores.pipelines.list_pipeline_runs()
    options = RunOptions(resumes=failed.id)
    assert [step.cached for step in workspace.launcher.explain(str(file), {}, options)] == [False]
    with pytest.raises(InvalidInputError, match="resumed with the parameters that it had: 'path' was"):
        workspace.launcher.run(str(file), {"path": "elsewhere"}, options)
    assert len(workspace.stores.pipelines.list_pipeline_runs()) == 1
    gate.touch()
    record = workspace.launcher.run(str(file), {}, options).record
    assert (record.params, record.resumes) == (failed.params, failed.id)
