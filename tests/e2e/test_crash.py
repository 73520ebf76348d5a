"""SIGKILL at any moment of a pipeline run: nothing acknowledged is lost, nothing half-written is seen."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import pytest

from e2e.soundness import check_sound
from e2e.workplace import HERE, Workplace, finish
from millwright.core.records.pipeline import StepStatus

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.core.records.pipeline import StepRunRecord

pytestmark = pytest.mark.slow

RUN = ("run", "pipeline.py", "--source", "programme.csv")
KILL_AT = (str(HERE / "kill_at.py"),)
# The first two are never cached; the gates are checked again when the champion is another.
MAY_RUN_AGAIN = {"register", "deploy", "check_gates"}

# In the order in which a run comes by them: what has just happened, and where that is in the code. The number counts
# calls in one run, which begins with the steps that earlier ones have left.
POINTS = {
    "ingest: the rows are in the table, no version names them": ("return", "Change.commit", 1),
    "ingest: the version is written, not committed": ("return", "SqlDatasetStore.create_version", 1),
    "validate: the quarantine is recorded, the step not": ("call", "Journal.complete", 2),
    "split: one of two values is stored": ("return", "FolderArtifactStore.put_soon", 5),
    "tune: in the second trial": ("call", "Run.log_metrics", 2),
    "tune: the model is stored, the step not": ("call", "Journal.complete", 1),
    "register: the cards are attached, not committed": ("return", "Registry.attach", 1),
    "deploy: the alias is moved, not committed": ("return", "Change.move_alias", 1),
    "every step is recorded, the run not": ("call", "Journal.finish", 1),
}
TRANSACTIONS = [point for point in POINTS if "not committed" in point]


def test_a_run_killed_at_each_point_goes_on_from_its_finished_steps(tmp_path: Path) -> None:
    workplace = Workplace(tmp_path)
    workplace.write_project()
    for point in POINTS:
        kill_at(workplace, point)
    check_last_run(workplace)


@pytest.mark.postgres
def test_a_run_killed_inside_transactions_goes_on_from_its_finished_steps_on_postgresql(
    tmp_path: Path, postgres_url: str
) -> None:
    workplace = Workplace(tmp_path, postgres_url)
    workplace.write_project()
    for point in TRANSACTIONS:
        kill_at(workplace, point)
    check_last_run(workplace)


def test_a_run_killed_while_it_tunes_or_at_a_random_moment_goes_on_from_its_finished_steps(tmp_path: Path) -> None:
    workplace = Workplace(tmp_path)
    workplace.write_project()
    # Another moment each time: what fails here is worth finding.
    for step, after_s in (("tune", 0.0), (None, random.uniform(0, 1.5))):
        finished = finished_steps(workplace)
        process = workplace.start(*RUN)
        try:
            wait_for_run(workplace, process.pid, step)
            time.sleep(after_s)
        finally:
            process.kill()
        killed = finish(process, code=None).code == -9
        # The moment may come when the run is complete already, and only its process has not ended.
        if killed and newest_status(workplace) != "completed":
            check_after_kill(workplace, finished, f"{step} and {after_s:.3f} s")
    assert "split" in finished_steps(workplace)
    check_last_run(workplace)


def newest_status(workplace: Workplace) -> str:
    """What the newest run came to, as it is shown."""
    (newest, *_) = workplace.mw("runs", "list", "--json").json
    return str(newest["status"])


def kill_at(workplace: Workplace, point: str) -> None:
    """Run until a point, where the process kills itself."""
    event, name, number = POINTS[point]
    finished = finished_steps(workplace)
    ended = workplace.mw(event, name, str(number), *RUN, code=None, program=KILL_AT)
    assert ended.code == -9, f"{point}: {ended}"
    check_after_kill(workplace, finished, point)


def check_after_kill(workplace: Workplace, finished: dict[str, StepRunRecord], point: str) -> None:
    """What holds whenever a run was killed: what was finished still is, and what was not is not there."""
    assert newest_status(workplace) == "interrupted", point
    with workplace.open() as workspace:
        pipelines = workspace.stores.pipelines
        (last,) = pipelines.list_pipeline_runs(limit=1)
        for record in finished.values():
            assert pipelines.get_step_run(record.id) == record, point
        check_sound(workspace)
        assert len(workspace.stores.models.list_versions()) <= 1, point
        for record in pipelines.list_step_runs(last.id):
            assert record.status is not StepStatus.RUNNING, f"{point}: {record.step}"
            again = record.step in finished and record.step not in MAY_RUN_AGAIN
            assert not again or record.status is StepStatus.CACHED, f"{point}: {record.step}"


def check_last_run(workplace: Workplace) -> None:
    """The next run comes to its end, and there is one version of everything."""
    finished = finished_steps(workplace)
    result = workplace.mw(*RUN, "--json").json
    assert result["run"]["status"] == "completed"
    statuses = {step["step"]: step["status"] for step in result["steps"]}
    assert len(statuses) == 11
    for step in set(finished) - MAY_RUN_AGAIN:
        assert statuses[step] == "cached", step
    with workplace.open() as workspace:
        check_sound(workspace)
        versions = workspace.stores.models.list_versions()
        assert [version.ref for version in versions] == ["schedule-delay@1"]
        assert [alias.version for alias in workspace.stores.models.list_aliases()] == [1]
        for dataset in ("programme", "programme.quarantine"):
            assert [found.record.version for found in workspace.datasets.versions(dataset)] == [1]
        for run in workspace.stores.runs.list_runs(limit=1000):
            assert run.status.value != "running", f"{run.name} of {run.parent_id} runs for ever"
    assert "whole" in workplace.mw("audit", "verify").out
    listed = workplace.mw("runs", "list", "--json").json
    assert {run["status"] for run in listed} <= {"completed", "interrupted"}


def finished_steps(workplace: Workplace) -> dict[str, StepRunRecord]:
    """Each step's first completed run."""
    found: dict[str, StepRunRecord] = {}
    with workplace.open() as workspace:
        pipelines = workspace.stores.pipelines
        for run in reversed(pipelines.list_pipeline_runs(limit=1000)):
            for record in pipelines.list_step_runs(run.id):
                if record.status is StepStatus.COMPLETED:
                    found.setdefault(record.step, record)
    return found


def wait_for_run(workplace: Workplace, pid: int, step: str | None) -> None:
    """Watch the store until a process has recorded its run, and this step as running."""
    deadline = time.monotonic() + 60
    with workplace.open() as workspace:
        pipelines = workspace.stores.pipelines
        while time.monotonic() < deadline:
            for run in pipelines.list_pipeline_runs(limit=1):
                running = [each.step for each in pipelines.list_step_runs(run.id) if each.status is StepStatus.RUNNING]
                if f":{pid}:" in run.owner and (step is None or step in running):
                    return
            time.sleep(0.002)
    raise AssertionError("This did not happen within 60 s.")
