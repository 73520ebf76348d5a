from __future__ import annotations

import pytest

from millwright.core.clock import ManualClock
from millwright.core.errors import ConfigurationError, ConflictError, NotFoundError, StateTransitionError
from millwright.core.records.monitor import AlertState, Outcome
from millwright.pipelines.runner import RunOptions
from millwright.testing import sample
from millwright.workspace.settings import Settings
from millwright.workspace.workspace import Workspace
from tiny.project import MODEL, visits


def test_opening_reads_the_settings_and_touches_nothing_else(tmp_path):
    (tmp_path / "millwright.toml").write_text('actor = "ann"\n[monitor]\nmin_rows = 7\n', encoding="utf-8")
    with Workspace.open(tmp_path) as workspace:
        assert (workspace.actor, workspace.settings.monitor.min_rows) == ("ann", 7)
    assert [path.name for path in tmp_path.iterdir()] == ["millwright.toml"]


def test_workspace_is_found_from_where_one_stands(tmp_path, monkeypatch):
    (tmp_path / "millwright.toml").touch()
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path / "a")
    assert Workspace.open().folder == tmp_path


def test_overrides_and_profile_win(tmp_path):
    (tmp_path / "millwright.toml").write_text('actor = "a"\n[profile.team]\nactor = "b"\n', encoding="utf-8")
    assert Workspace.open(tmp_path, profile="team").actor == "b"
    assert Workspace.open(tmp_path, profile="team", overrides={"actor": "c"}).actor == "c"
    with pytest.raises(ConfigurationError, match="tem"):
        Workspace.open(tmp_path, profile="tem")


def test_services_are_built_once_and_share_the_stores(tmp_path):
    with Workspace.open(tmp_path) as workspace:
        assert workspace.registry is workspace.registry
        assert workspace.stores.models is workspace.stores.models
        assert (tmp_path / ".millwright" / "millwright.db").is_file()
        assert workspace.close_interrupted() == []


def test_stores_are_where_the_settings_say(tmp_path):
    settings = Settings(
        store=f"sqlite:///{tmp_path}/r.db", artifacts=str(tmp_path / "blobs"), datasets=str(tmp_path / "d")
    )
    (tmp_path / "t.csv").write_text("a\n1\n", encoding="utf-8")
    with Workspace(tmp_path, settings) as workspace:
        workspace.datasets.ingest(str(tmp_path / "t.csv"), "t")
    assert (tmp_path / "r.db").is_file()
    assert (tmp_path / "d").is_dir()


def test_clock_and_actor_reach_the_records(tmp_path):
    (tmp_path / "t.csv").write_text("a\n1\n", encoding="utf-8")
    with Workspace(tmp_path, Settings(actor="ann"), clock=ManualClock(sample.NOON)) as workspace:
        record = workspace.datasets.ingest(str(tmp_path / "t.csv"), "t").record
        assert record.created_at == sample.NOON
        assert [event.actor for event in workspace.stores.audit.list()] == ["ann"]


def test_stores_are_closed_with_the_workspace_and_opened_again_by_the_next(trained):
    with Workspace.open(trained) as workspace:
        assert workspace.registry.resolve(MODEL).version == 1
    with Workspace.open(trained) as workspace:
        assert workspace.registry.resolve(f"{MODEL}@champion").version == 1


def test_launcher_explains_what_it_would_run(trained):
    with Workspace.open(trained) as workspace:
        pipeline = str(trained / "pipeline.py")
        same = workspace.launcher.explain(pipeline, {}, RunOptions())
        assert [step.step for step in same if step.cached] == [
            "ingest",
            "validate",
            "split",
            "tune",
            "evaluate",
            "package",
        ]
        with pytest.raises(NotFoundError, match=r"gone\.csv"):
            workspace.launcher.explain(pipeline, {"source": "gone.csv"}, RunOptions())
        assert len(workspace.stores.pipelines.list_pipeline_runs()) == 1


@pytest.fixture
def alarmed(served):
    """The served project with an alert, and new visits in `new.csv`."""
    visits(320, seed=5, shift=1.5).write_csv(served / "new.csv")
    with Workspace.open(served) as workspace:
        workspace.check_endpoint(MODEL)
        yield workspace


def test_endpoint_is_checked_with_the_settings_of_the_project(served):
    with Workspace.open(served, overrides={"monitor": Settings().monitor.model_copy(update={"min_rows": 1000})}) as few:
        assert few.check_endpoint(MODEL).rows == 120
        assert few.stores.monitors.list_alerts(MODEL) == []
    with Workspace.open(served) as workspace:
        workspace.check_endpoint(MODEL)
        assert workspace.stores.monitors.list_alerts(MODEL, open_only=True)


def test_endpoint_that_is_unknown_is_an_error(trained):
    with Workspace.open(trained) as workspace, pytest.raises(NotFoundError, match="nowhere"):
        workspace.check_endpoint("nowhere")


def test_alert_is_answered_by_running_the_pipeline(alarmed):
    alert = alarmed.stores.monitors.list_alerts(MODEL)[0]
    told = []
    decision = alarmed.retrain(
        alert, str(alarmed.folder / "pipeline.py"), {"source": "new.csv"}, on_step=lambda step: told.append(step.step)
    )
    assert (decision.champion, decision.challenger) == (f"{MODEL}@1", f"{MODEL}@2")
    assert decision.outcome in {Outcome.PROMOTED, Outcome.KEPT}
    assert decision.reasons
    assert "tune" in told
    assert alarmed.stores.monitors.list_alerts(MODEL)[0].state is AlertState.RESOLVED
    assert alarmed.stores.pipelines.list_pipeline_runs()[0].trigger == f"alert:{alert.id}"


def test_better_version_that_nobody_deploys_waits_and_a_person_ends_it_without_a_worker(alarmed):
    pipeline = alarmed.folder / "pipeline.py"
    text = pipeline.read_text(encoding="utf-8")
    bare = text.replace("    mw.steps.deploy(version, gates)\n", "")
    assert bare != text
    pipeline.write_text(bare, encoding="utf-8")
    (alarmed.folder / "gates.yaml").write_text("gates:\n  - gate: signature\n", encoding="utf-8")
    alert = alarmed.stores.monitors.list_alerts(MODEL)[0]
    decision = alarmed.retrain(alert, str(pipeline), {"source": "new.csv"})
    assert decision.outcome is Outcome.WAITING, decision.reasons
    assert f"mw models approve {MODEL}@2" in decision.reasons[0]
    alert = alarmed.stores.monitors.get_alert(alert.id)
    assert alert.state is AlertState.ACKNOWLEDGED
    with pytest.raises(ConflictError, match="awaits a person"):
        alarmed.retrain(alert, str(pipeline), {"source": "new.csv"})
    alarmed.registry.promote(MODEL, 2, reason="it is better")
    with pytest.raises(StateTransitionError, match="resolved"):
        alarmed.retrain(alert, str(pipeline), {"source": "new.csv"})
    assert alarmed.stores.monitors.list_decisions()[0].outcome is Outcome.PROMOTED


def test_wrong_call_leaves_the_alert_as_it_was_and_does_not_count(alarmed):
    alert = alarmed.stores.monitors.list_alerts(MODEL)[0]
    with pytest.raises(NotFoundError, match=r"gone\.py"):
        alarmed.retrain(alert, "gone.py", {})
    assert alarmed.stores.monitors.list_alerts(MODEL)[0] == alert
    decision = alarmed.retrain(alert, str(alarmed.folder / "pipeline.py"), {"source": "new.csv"})
    assert decision.challenger == f"{MODEL}@2"


def test_second_retraining_waits_for_the_cool_down_of_the_settings(alarmed):
    (alarmed.folder / "bad.csv").write_text("load,crew,days,late\n1,z,5,yes\n2,z,6,no\n", encoding="utf-8")
    alert = alarmed.stores.monitors.list_alerts(MODEL)[0]
    pipeline = str(alarmed.folder / "pipeline.py")
    assert alarmed.retrain(alert, pipeline, {"source": "bad.csv"}).outcome is Outcome.FAILED
    with pytest.raises(ConflictError):
        alarmed.retrain(alert, pipeline, {"source": "new.csv"})
