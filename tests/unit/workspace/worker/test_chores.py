from __future__ import annotations

from threading import Event

from millwright.core.errors import StorageError
from millwright.workspace.monitor_settings import ActionSettings, MonitorDeclaration
from millwright.workspace.settings import Settings
from millwright.workspace.worker.chores import Chore, Chores, chores_of
from millwright.workspace.worker.options import WorkerOptions
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
