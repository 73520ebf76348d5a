"""Several pipeline runs at the same time in one workspace: each ends right, and nothing is done or written twice."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from e2e.soundness import check_sound
from e2e.workplace import Workplace, finish
from millwright.core.records.pipeline import PipelineRunStatus, StepStatus
from millwright.evaluation.gates.result import GateReport

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.workspace.workspace import Workspace

pytestmark = pytest.mark.slow

# Never cached, or (the gates) dependent on who is champion at that moment.
MAY_RUN_TWICE = {"register", "deploy", "check_gates"}


def run_together(workplace: Workplace, *commands: Sequence[str]) -> None:
    """Start runs at the same time; each must end with 0."""
    processes = [workplace.start("run", *words) for words in commands]
    for process in processes:
        finish(process)


def executions(workspace: Workspace) -> Counter[str]:
    """How often each step was executed, in all runs."""
    pipelines = workspace.stores.pipelines
    runs = pipelines.list_pipeline_runs(limit=1000)
    assert {run.status for run in runs} == {PipelineRunStatus.COMPLETED}
    steps = [step for run in runs for step in pipelines.list_step_runs(run.id)]
    assert {step.status for step in steps} <= {StepStatus.COMPLETED, StepStatus.CACHED}
    return Counter(step.step for step in steps if step.status is StepStatus.COMPLETED)


def test_runs_of_one_pipeline_on_the_same_data_do_the_work_once(workplace: Workplace) -> None:
    workplace.write_project()
    run_together(workplace, *[("pipeline.py", "--source", "programme.csv")] * 3)
    with workplace.open() as workspace:
        check_sound(workspace)
        twice = {step for step, count in executions(workspace).items() if count > 1}
        assert twice <= MAY_RUN_TWICE
        assert [version.ref for version in workspace.stores.models.list_versions()] == ["schedule-delay@1"]
        assert [alias.version for alias in workspace.stores.models.list_aliases()] == [1]
        assert len(workspace.datasets.versions("programme")) == 1
        # What each run's version depends on is one and the same; the audit log tells each change once.
        told = Counter(event.action for event in workspace.stores.audit.list(limit=1000))
        assert (told["model.register"], told["model.promote"], told["dataset.write"]) == (1, 1, 2)


def test_runs_of_one_pipeline_on_different_data_make_a_version_each(workplace: Workplace) -> None:
    workplace.write_project()
    sources = [str(workplace.write_table(f"table_{seed}.csv", seed=seed)) for seed in (1, 2)]
    run_together(workplace, *[("pipeline.py", "--source", source) for source in sources])
    with workplace.open() as workspace:
        check_sound(workspace)
        executions(workspace)
        datasets = {found.record.ref: found.record for found in workspace.datasets.versions("programme")}
        assert {record.version for record in datasets.values()} == {1, 2}
        versions = workspace.stores.models.list_versions()
        assert {version.version for version in versions} == {1, 2}
        for version in versions:
            assert version.pipeline_run_id is not None
            run = workspace.stores.pipelines.get_pipeline_run(version.pipeline_run_id)
            trained_on = [ref for ref in version.datasets if ref in datasets]
            assert [datasets[ref].source_uri for ref in trained_on] == [run.params["source"]]
        check_champions_met(workspace)


def check_champions_met(workspace: Workspace) -> None:
    """Nobody took a champion's place without having been compared with it."""
    for event in workspace.stores.audit.list(limit=1000):
        if event.action == "model.promote":
            promoted = workspace.registry.resolve(event.subject)
            met = GateReport.from_json(workspace.stores.artifacts.get(promoted.documents["gates.json"])).champion
            previous = event.details["previous"]
            assert met == (f"{promoted.name}@{previous}" if previous else "")


def test_runs_of_different_pipelines_do_not_meet(workplace: Workplace) -> None:
    names = ("delay-north", "delay-south")
    for seed, name in enumerate(names):
        pipeline = workplace.write_project(name, seed=seed)
        text = pipeline.read_text().replace('dataset="programme"', f'dataset="{name}"')
        pipeline.write_text(text.replace('@mw.pipeline(name="schedule-delay")', f'@mw.pipeline(name="{name}")'))
    (workplace.folder / "millwright.toml").touch()
    run_together(
        workplace,
        *[(f"{name}/pipeline.py", "--source", f"{name}/programme.csv", "--name", name) for name in names],
    )
    with workplace.open() as workspace:
        check_sound(workspace)
        assert set(executions(workspace).values()) == {2}
        for name in names:
            (version,) = workspace.stores.models.list_versions(name)
            assert version.datasets == (f"{name}@1",)
            assert workspace.registry.resolve(f"{name}@champion") == version
