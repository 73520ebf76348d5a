from __future__ import annotations

from threading import Event

import pytest

from millwright.automation.decision import Retraining
from millwright.automation.monitors import FailedChecks, failed_check
from millwright.automation.monitors.history import written_monitors
from millwright.automation.queue import Ask
from millwright.automation.triggers.answer import answering
from millwright.core.errors import InvalidInputError, StorageError
from millwright.core.records.monitor import Outcome
from millwright.registry import VersionDraft
from millwright.workspace.closed_loop import declarations
from millwright.workspace.monitor_settings import ActionSettings, MonitorDeclaration
from millwright.workspace.settings import Settings
from millwright.workspace.worker.chores import Chore, Chores, chores_of
from millwright.workspace.worker.options import Until, WorkerOptions
from millwright.workspace.worker.target import launch_target
from millwright.workspace.worker.worker import Worker
from millwright.workspace.workspace import Workspace

OPTIONS = WorkerOptions(poll_s=0.01)


def test_chore_that_raises_does_not_hold_up_the_others(caplog):
    done = []

    def fail() -> None:
        raise StorageError("The store is away.")

    def break_down() -> None:
        raise ValueError("a mistake of ours")

    chores = [Chore(name="first", work=fail), Chore(name="second", work=break_down)]
    assert not Chores([*chores, Chore(name="third", work=lambda: done.append(1))], OPTIONS, lambda: None).perform()
    assert done == [1]
    assert "first: The store is away." in caplog.text
    assert "a mistake of ours" in caplog.text


def test_worker_is_woken_when_something_was_queued():
    woken = Event()
    with Chores([Chore(name="runs", work=lambda: ["a run"])], OPTIONS, woken.set):
        assert woken.wait(60)


def test_chore_rests_as_long_as_it_says_and_is_closed_at_the_end():
    done, closed = [], []
    seldom = Chore(name="seldom", work=lambda: done.append(1), every_s=3600, close=lambda: closed.append(1))
    chores = Chores([seldom], OPTIONS, lambda: None)
    chores.perform()
    chores.perform()
    assert done == [1]
    chores.stop()
    assert closed == [1]


def test_chores_of_a_project_follow_from_its_settings(tmp_path):
    with Workspace.open(tmp_path) as workspace:
        plain = [chore.name for chore in chores_of(workspace)]
        assert plain == ["Summaries of predictions", "Declared monitors", "Challengers that wait"]
        assert not Chores(chores_of(workspace), OPTIONS, lambda: None).perform()
    action = ActionSettings(pipeline="pipeline.py")
    monitors = {"delay": MonitorDeclaration(endpoint="delay", action=action)}
    with Workspace(tmp_path, Settings(monitors=monitors)) as workspace:
        named = [chore.name for chore in chores_of(workspace)]
        assert {"Checks of monitors", "Retraining"} <= set(named)
        assert not Chores(chores_of(workspace), OPTIONS, lambda: None).perform()
        assert workspace.stores.audit.list(subject="monitors")[0].details["added"] == ["delay"]


def test_alert_of_a_monitor_that_was_removed_is_ended_by_the_next_worker(tmp_path):
    monitors = {"delay": MonitorDeclaration(endpoint="delay")}
    with Workspace(tmp_path, Settings(monitors=monitors)) as workspace:
        [declared] = declarations(workspace.settings)
        desk = workspace.alerts_as("monitor")
        failed = FailedChecks(stores=workspace.stores, clock=workspace.clock, desk=desk)
        failed.tell(declared, InvalidInputError("There is no column 'regoin'."))
        Chores(chores_of(workspace), OPTIONS, lambda: None).perform()
        assert failed_check(workspace.stores.monitors, declared) is not None
    with Workspace.open(tmp_path) as workspace:
        Chores(chores_of(workspace), OPTIONS, lambda: None).perform()
        assert failed_check(workspace.stores.monitors, declared) is None


def test_workers_of_two_projects_with_one_store_leave_each_others_monitors_alone(tmp_path):
    store = f"sqlite:///{tmp_path / 'records.db'}"
    mine = Settings(store=store, monitors={"hourly": MonitorDeclaration(endpoint="delay")})
    other = Settings(store=store, monitors={"daily": MonitorDeclaration(endpoint="cost")})
    with Workspace(tmp_path / "delay", mine) as first, Workspace(tmp_path / "cost", other) as second:
        [declared] = declarations(first.settings)
        desk = first.alerts_as("monitor")
        FailedChecks(stores=first.stores, clock=first.clock, desk=desk).tell(declared, InvalidInputError("No column."))
        Chores(chores_of(first), OPTIONS, lambda: None).perform()
        Chores(chores_of(second), OPTIONS, lambda: None).perform()
        assert failed_check(first.stores.monitors, declared) is not None
        assert written_monitors(second.stores.audit).names == {"delay": ("hourly",), "cost": ("daily",)}


CHALLENGED = """
import millwright as mw
from millwright.core.records.model import ModelVersionRecord
from millwright.evaluation.gates.result import GateReport, GateResult
from millwright.registry import Registry, VersionDraft
from millwright.storage.catalog import Stores


@mw.step(cache=False)
def version(ctx: mw.StepContext) -> ModelVersionRecord:
    artifacts = ctx.service(Stores).artifacts
    gate = GateResult(gate="size", passed=True, value=1.0, limit=2.0, reason="It is this large.")
    draft = VersionDraft(
        name="delay", package=artifacts.put(b"two"), size_bytes=3, flavor="sklearn", signature={"inputs": []},
        documents={"gates.json": artifacts.put(GateReport(passed=True, results=(gate,)).to_json())},
        pipeline_run_id=ctx.pipeline_run_id,
    )
    return ctx.service(Registry).register(draft)


@mw.pipeline
def delay() -> None:
    mw.steps.deploy(version())
"""


def begin_retraining(workspace: Workspace, *, canary: bool = True) -> None:
    """Register a champion, and queue a retraining that asks for a canary, as the watch does."""
    package = workspace.stores.artifacts.put(b"one")
    draft = VersionDraft(name="delay", package=package, size_bytes=3, flavor="sklearn", signature={"inputs": []})
    workspace.registry.register(draft)
    workspace.registry.promote("delay", 1, reason="a test", force=True)
    retraining = Retraining(trigger="monitor-delay", model="delay", cause="schedule:monitor-delay", canary=canary)
    target = launch_target("pipeline.py", {}, artifacts=workspace.stores.artifacts)
    options = answering(retraining, workspace.registry.resolve("delay@1"))
    workspace.queue.enqueue(target, Ask(trigger=retraining.cause, options=options))


@pytest.mark.parametrize("own", [False, True])
def test_canary_of_a_retraining_waits_for_the_approval_that_is_asked_for(tmp_path, monkeypatch, own):
    monkeypatch.chdir(tmp_path)
    strategy = 'deploy(version(), endpoint="site", strategy=mw.Canary("1h", at=[5, 100]))'
    code = CHALLENGED.replace("deploy(version())", strategy) if own else CHALLENGED
    (tmp_path / "pipeline.py").write_text(code, encoding="utf-8")
    (tmp_path / "millwright.toml").write_text("[registry]\napprovals_needed = 1\n", encoding="utf-8")
    with Workspace.open(tmp_path) as workspace:
        begin_retraining(workspace, canary=not own)
        Worker(workspace, WorkerOptions(poll_s=0.02, until=Until.DRAINED)).run()
        stores = workspace.stores
        [waiting] = stores.monitors.list_decisions()
        assert (waiting.outcome, waiting.challenger) == (Outcome.WAITING, "delay@2")
        assert "0 of 1 approvals" in " ".join(waiting.reasons)
        Chores(chores_of(workspace), OPTIONS, lambda: None).perform()
        assert stores.rollouts.list_rollouts() == []
        workspace.registry.approve("delay", 2, reason="looks right")
        Chores(chores_of(workspace), OPTIONS, lambda: None).perform()
        [begun, _] = stores.monitors.list_decisions()
        [record] = stores.rollouts.list_rollouts()
    assert (begun.outcome, begun.challenger) == (Outcome.CANARY, "delay@2")
    share = 5.0 if own else 10.0
    assert [(arm.version, arm.weight) for arm in record.arms] == [(1, 100.0 - share), (2, share)]
    assert (record.endpoint, record.hold_s) == (("site", 3600.0) if own else ("delay", 600.0))
    assert (record.decision.by, record.decision.reason) == ("automation", "approved after a retraining")


def test_failure_that_stays_the_same_is_told_once_until_the_chore_succeeds(caplog):
    errors = [StorageError("away"), StorageError("away"), StorageError("full"), None, StorageError("full")]

    def work() -> None:
        error = errors.pop(0)
        if error is not None:
            raise error

    chores = Chores([Chore(name="first", work=work)], OPTIONS, lambda: None)
    for _ in range(5):
        chores.perform()
    told = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert told == ["first: away", "first: full", "first: full"]
