"""The loop on a small programme: run once (see conftest), then looked at from each side."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError, PromotionRefusedError
from millwright.core.ids import PredictionId
from millwright.core.records.monitor import Outcome
from millwright.demo.project import MODEL
from millwright.demo.scenario import Scenario
from millwright.demo.stage import Stages
from millwright.governance.audit import verify_audit
from millwright.workspace.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from millwright.demo.project import DemoProject
    from millwright.demo.scenario import Findings

FIRST = "programme_2025-01.csv"
pytestmark = pytest.mark.slow  # the loop takes some seconds, once for all


@pytest.fixture
def workspace(demonstrated) -> Iterator[Workspace]:
    with Workspace.open(demonstrated.folder) as opened:
        yield opened


def test_scenario_goes_through_the_stages_in_order(demonstrated):
    assert [stage.name for stage in demonstrated.result.stages] == [
        "generate", "train", "train again", "serve", "new data", "predict", "labels", "monitor", "retrain", "swap",
        "why", "audit", "reproduce",
    ]  # fmt: skip


def test_first_model_is_champion_and_a_second_training_executes_nothing(demonstrated):
    assert f"{MODEL}@1 (logistic_regression) is champion" in demonstrated.what("train")
    assert demonstrated.what("train again") == "nothing changed: 8 of 11 steps cached, no training"


def test_steps_are_told_while_they_run(demonstrated):
    tuned = [step.status.value for step in demonstrated.steps if step.step == "tune"]
    assert tuned == ["running", "completed", "cached", "running", "completed"]


def test_every_arrival_is_predicted_over_http_and_labelled_where_known(demonstrated, workspace):
    keyed = [record for record in workspace.stores.predictions.iter(MODEL) if record.key]
    labels = pl.read_csv(demonstrated.folder / "labels.csv")
    assert demonstrated.what("predict") == f"{len(keyed):,} predictions over HTTP, each with an id"
    assert len({record.key for record in keyed}) == len(keyed) > 1000
    assert set(labels["prediction_id"]) < {record.id for record in keyed}
    assert f"{labels.height:,} outcomes came back" in demonstrated.what("labels")


def test_drift_and_loss_are_found_where_the_world_changed(demonstrated):
    findings = demonstrated.result.findings
    drifted = {column.column for column in findings.report.drift if column.drifted}
    assert {"region", "contractor", "material_lead_weeks"} <= drifted
    # The snapshot's new region and contractors are categories, its long lead times numbers, that training never saw.
    told = {alert.kind for alert in findings.alerts}
    assert {"drift", "performance"} <= told <= {"drift", "performance", "new_categories", "out_of_range"}
    assert findings.report.performance["roc_auc"] < findings.report.reference_performance["roc_auc"] - 0.05


def test_better_challenger_is_promoted_with_its_reasons(demonstrated, workspace):
    decision = demonstrated.result.findings.decision
    assert decision.outcome is Outcome.PROMOTED
    assert (decision.champion, decision.challenger) == (f"{MODEL}@1", f"{MODEL}@2")
    assert any("not_worse_than_champion" in reason for reason in decision.reasons)
    assert workspace.registry.resolve(f"{MODEL}@champion").version == 2


def test_requests_never_fail_while_the_model_is_swapped(demonstrated):
    findings = demonstrated.result.findings
    assert findings.failed_requests == 0
    assert set(findings.answered) == {f"{MODEL}@1", f"{MODEL}@2"}
    assert "0 failed" in demonstrated.what("swap")


def test_server_is_gone_after_the_scenario(workspace):
    assert workspace.stores.endpoints.find(MODEL).url == ""


def test_findings_can_be_asked_for_again(demonstrated, workspace):
    findings = demonstrated.result.findings
    assert workspace.stores.predictions.find(PredictionId(findings.prediction_id)).version == 1
    audit = verify_audit(workspace.stores.audit)
    assert (audit.ok, audit.entries) == (True, findings.audit_entries)
    assert demonstrated.what("audit") == f"{audit.entries} entries, hash chain whole"
    assert demonstrated.what("reproduce") == f"{MODEL}@1 trained again from its record: identical"


def _run(folder: Path, project: DemoProject, second: pl.DataFrame) -> tuple[Stages, Findings]:
    """The scenario in a folder with a first snapshot, and with another second one."""
    second.write_csv(folder / "second.csv")
    stages = Stages(on_change=lambda _: None)
    sources = (str(folder / FIRST), str(folder / "second.csv"))
    with Workspace.open(folder) as workspace:
        scenario = Scenario(workspace, project, sources, stages=stages, on_step=lambda _: None)
        return stages, scenario.run()


def test_scenario_without_an_alert_retrains_nothing(demonstrated, quick_project, tmp_path):
    quick_project.copy(tmp_path)
    shutil.copyfile(demonstrated.folder / FIRST, tmp_path / FIRST)
    first = pl.read_csv(tmp_path / FIRST, infer_schema=False)
    few = first.filter(pl.col("status") == "in progress").tail(60)  # fewer than are judged
    stages, findings = _run(tmp_path, quick_project, few)
    assert (findings.alerts, findings.decision, findings.answered) == ([], None, {})
    assert [stage.name for stage in stages.done][-4:] == ["monitor", "why", "audit", "reproduce"]
    assert stages.done[-4].what.endswith("alerts: none")


def test_second_snapshot_without_news_is_told(demonstrated_copy, quick_project):
    first = pl.read_csv(demonstrated_copy / FIRST, infer_schema=False)
    over = first.filter(pl.col("planned_end").str.starts_with("2023"))
    with pytest.raises(InvalidInputError, match=r"Nothing in .*second\.csv is new to a model of .*2025-01\.csv"):
        _run(demonstrated_copy, quick_project, over)
    with Workspace.open(demonstrated_copy) as workspace:
        assert workspace.stores.endpoints.find(MODEL).url == ""  # the server does not stay behind


def test_first_model_that_fails_its_gates_ends_the_loop_with_their_reasons(demonstrated, quick_project, tmp_path):
    quick_project.copy(tmp_path)
    gates = "gates:\n  - gate: threshold\n    metric: roc_auc\n    min: 0.999\n"
    (tmp_path / "gates.yaml").write_text(gates, encoding="utf-8")
    shutil.copyfile(demonstrated.folder / FIRST, tmp_path / FIRST)
    with pytest.raises(
        PromotionRefusedError, match=r"no model to serve: schedule-delay@1 .*threshold: ROC AUC .*0\.999"
    ):
        _run(tmp_path, quick_project, pl.DataFrame({"unused": ["x"]}))
    with Workspace.open(tmp_path) as workspace:
        assert [version.state.value for version in workspace.stores.models.list_versions(MODEL)] == ["rejected"]
