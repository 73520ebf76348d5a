from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.records.model import ModelVersionState
from millwright.data.features.feature_lookup import LOOKUP
from millwright.evaluation.gates.result import GateReport, GateResult
from millwright.evaluation.report import EvaluationReport
from millwright.monitoring.reference import load_reference
from millwright.monitoring.seasonal.reference import moments
from millwright.steps.registration import _lookup, _services, register
from millwright.testing import sample
from tiny.project import visits

if TYPE_CHECKING:
    from millwright.core.records.model import ModelVersionRecord
    from millwright.workspace.workspace import Workspace


@pytest.fixture
def parts(workspace):
    """Package, report, gate report, train rows and test rows of the version that is there."""
    version = workspace.registry.resolve("late-visit@1")
    artifacts = workspace.stores.artifacts
    report = EvaluationReport.from_json(artifacts.get(version.documents["evaluation.json"]))
    gates = msgspec.json.decode(artifacts.get(version.documents["gates.json"]), type=GateReport)
    return artifacts.get(version.package), report, gates, visits(200), visits(60, seed=2)


def test_version_holds_its_evidence(workspace):
    version = workspace.registry.resolve("late-visit@1")
    assert sorted(version.documents) == [
        "card.html", "card.md", "environment.json", "evaluation.json", "gates.json", "reference.parquet", "report.html",
    ]  # fmt: skip
    artifacts = workspace.stores.artifacts
    assert json.loads(artifacts.get(version.documents["gates.json"]))["passed"] is True
    assert artifacts.get(version.documents["card.md"]).decode().startswith("# ")
    assert load_reference(artifacts.get(version.documents["reference.parquet"]))
    assert version.metrics["roc_auc"] > 0.8
    assert version.compilation["status"] == "proven"


def test_version_knows_where_it_comes_from(workspace):
    version = workspace.registry.resolve("late-visit@1")
    run = workspace.stores.pipelines.list_pipeline_runs()[0]
    assert (version.pipeline_run_id, version.run_id) == (run.id, run.tracking_run_id)
    assert version.datasets == ("visits@1",)
    assert version.code == run.code
    packed = workspace.stores.pipelines.get_step_run(version.step_run_id)
    assert packed.step == "package"
    assert version.params["candidate"] == "logistic_regression"


def test_package_that_is_registered_gives_the_version_that_is_there(ctx, parts, workspace):
    version = register(ctx, *parts, "late-visit")
    assert version.ref == "late-visit@1"
    assert ctx.facts == {"version": "late-visit@1", "state": "approved", "new": False}
    assert len(workspace.stores.models.list_versions()) == 1


def test_package_is_a_version_of_its_own_under_another_name(ctx, parts, workspace):
    version = register(ctx, *parts, "twin")
    assert version.ref == "twin@1"
    assert version.state is ModelVersionState.CANDIDATE
    assert version.step_run_id == workspace.registry.resolve("late-visit@1").step_run_id
    assert {"card.md", "report.html"} <= set(version.documents)
    assert ctx.facts["new"] is True


def test_version_whose_gates_failed_is_registered_as_rejected_with_the_reason(ctx, parts, workspace):
    package, report, _, train, test = parts
    failed = GateResult(gate="size", passed=False, value=9.0, limit=5.0, reason="It is too large.")
    version = register(ctx, package, report, GateReport(passed=False, results=(failed,)), train, test, "twin")
    assert version.state is ModelVersionState.REJECTED
    event = next(e for e in workspace.stores.audit.list(subject="twin@1") if "reject" in e.action)
    assert event.details["reason"] == "gates failed: size"
    assert "It is too large." in workspace.stores.artifacts.get(version.documents["card.md"]).decode()


def test_rows_without_the_target_are_left_out_of_the_reference(ctx, parts, workspace):
    package, report, gates, train, test = parts
    holes = train.with_columns(late=pl.when(pl.col("days") > 30).then(pl.col("late")))
    version = register(ctx, package, report, gates, holes, test, "twin")
    reference = load_reference(workspace.stores.artifacts.get(version.documents["reference.parquet"]))
    assert reference.training.total_rows == holes["late"].count()


@pytest.fixture
def judge(ctx, parts):
    """Registers the package as `twin`, with a verdict of the gates."""
    package, report, _, train, test = parts

    def again(*, passed: bool) -> ModelVersionRecord:
        result = GateResult(gate="size", passed=passed, value=1.0, limit=2.0, reason="It is this large.")
        return register(ctx, package, report, GateReport(passed=passed, results=(result,)), train, test, "twin")

    return again


def _stored_verdict(workspace: Workspace) -> bool:
    version = workspace.stores.models.get_version("twin", 1)
    return GateReport.from_json(workspace.stores.artifacts.get(version.documents["gates.json"])).passed


def test_version_that_gates_rejected_is_approved_when_it_passes_them_later(judge, workspace):
    assert judge(passed=False).state is ModelVersionState.REJECTED
    assert not _stored_verdict(workspace)
    again = judge(passed=True)
    assert (again.ref, again.state) == ("twin@1", ModelVersionState.APPROVED)
    assert _stored_verdict(workspace)
    assert [decision.approved for decision in workspace.stores.models.list_approvals("twin", 1)] == [False, True]
    assert workspace.registry.promote("twin", 1, reason="passed").version == 1


def test_version_that_a_person_rejected_stays_rejected_when_its_gates_pass(judge, workspace):
    judge(passed=False)
    workspace.registry.reject("twin", 1, reason="not on my watch")
    assert judge(passed=True).state is ModelVersionState.REJECTED
    assert not _stored_verdict(workspace)


def test_version_in_use_keeps_its_verdict_when_gates_fail_later(judge, workspace):
    judge(passed=True)
    workspace.registry.promote("twin", 1, reason="passed")
    assert judge(passed=False).state is ModelVersionState.APPROVED
    assert _stored_verdict(workspace)


def test_version_knows_the_feature_service_that_its_rows_came_from():
    steps = [sample.step_run("r"), sample.step_run("r", summary={"feature_service": "delay@2"})]
    assert _services(steps) == {"feature_service": "delay@2"}
    assert _services(steps[:1]) == {}


def test_version_knows_which_of_its_columns_are_looked_up():
    lookup = {
        "service": "delay@2",
        "definitions": ["service/delay@2", "view/history@1"],
        "keys": {"building": "String"},
        "request": {},
        "columns": {"late": "history:late", "cost": "history:cost"},
    }
    noted = sample.step_run("r", summary={LOOKUP: lookup})
    signature = {"inputs": [{"name": "cost"}, {"name": "size"}]}
    (found,) = _lookup([sample.step_run("r"), noted, noted], signature).values()
    assert found == {**lookup, "columns": {"cost": "history:cost"}}
    assert _lookup([noted], {"inputs": [{"name": "size"}]}) == {}
    other = sample.step_run("r", summary={LOOKUP: {**lookup, "service": "delay@3"}})
    assert _lookup([noted, other], signature) == {}


def test_reference_keeps_the_time_of_rows_that_the_model_does_not_take(ctx, parts, workspace):
    package, report, gates, train, test = parts
    dated = [
        rows.with_columns(seen=pl.datetime_range(start, start + timedelta(hours=rows.height - 1), "1h", eager=True))
        for rows, start in ((train, datetime(2026, 1, 5)), (test, datetime(2026, 2, 2)))  # noqa: DTZ001 (as files have)
    ]
    version = register(ctx, package, report, gates, *dated, "twin", time="seen")
    reference = load_reference(workspace.stores.artifacts.get(version.documents["reference.parquet"]))
    assert "seen" not in reference.training.inputs.columns
    assert moments(reference.training, "seen").to_list() == dated[0]["seen"].to_list()
    assert moments(reference.answers, "seen").to_list() == dated[1]["seen"].to_list()
    with pytest.raises(InvalidInputError, match="no date 'sen' to tell the season by") as caught:
        moments(reference.training, "sen")
    assert "'seen'" in str(caught.value.hint)


def test_column_of_time_that_is_not_there_is_refused(ctx, parts, workspace):
    with pytest.raises(InvalidInputError, match="Expected a column 'seen' of moments"):
        register(ctx, *parts, "twin", time="seen")
    assert [each.name for each in workspace.stores.models.list_models()] == ["late-visit"]
