from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from millwright.core.errors import NotFoundError
from millwright.core.records.audit import NodeKind
from millwright.core.records.dataset import DatasetKind
from millwright.data.features.catalog import FeatureCatalog
from millwright.data.features.definition import Entity, Feature, FeatureService, FeatureView
from millwright.pipelines.context import StepContext
from millwright.steps.point_in_time import training_set
from millwright.workspace.workspace import Workspace

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def workspace(tmp_path):
    with Workspace.open(tmp_path) as opened:
        yield opened


@pytest.fixture
def ctx(workspace):
    phases = pl.DataFrame({"building": ["a", "a"], "ended": [START, START + timedelta(days=5)], "late": [1, 2]})
    workspace.datasets.write(phases, "phases", kind=DatasetKind.TABLE)
    history = FeatureView(
        "history",
        entities=[Entity("building")],
        source="phases",
        features=[Feature("late", "Int64")],
        timestamp="ended",
    )
    workspace.features.apply([FeatureService("delay", [history])])
    return StepContext(
        step="training_set", pipeline="p", pipeline_run_id="r", step_run_id="s", clock=workspace.clock,
        project_dir=workspace.folder, tracking_run_id=None, services={FeatureCatalog: workspace.features},
    )  # fmt: skip


ROWS = pl.DataFrame({"building": ["a", "b"], "start": [START + timedelta(days=3)] * 2})


def test_rows_get_what_was_known_and_the_result_is_recorded(ctx, workspace):
    made = training_set(ctx, ROWS, "delay", timestamp="start")
    assert made["late"].to_list() == [1, None]
    assert (ctx.facts["dataset"], ctx.facts["feature_service"]) == ("delay.training@1", "delay@1")
    assert ctx.facts["matched"] == {"history": 1}
    assert ctx.facts["feature_lookup"] == {
        "service": "delay@1",
        "definitions": ["service/delay@1", "view/history@1"],
        "keys": {"building": "String"},
        "request": {},
        "columns": {"late": "history:late"},
    }
    upstream = workspace.stores.lineage.upstream(NodeKind.DATASET, "delay.training@1")
    assert {(edge.source_kind.value, edge.source_id) for edge in upstream} == {
        ("dataset", "phases@1"), ("feature", "service/delay@1"), ("feature", "view/history@1"), ("step_run", "s"),
    }  # fmt: skip


def test_same_rows_give_the_same_version(ctx):
    training_set(ctx, ROWS, "delay", timestamp="start", name="again")
    training_set(ctx, ROWS, "delay", timestamp="start", name="again", versions={"phases": "1"})
    assert ctx.facts["dataset"] == "again@1"


def test_service_that_is_not_recorded_is_told(ctx):
    with pytest.raises(NotFoundError, match=r"no service 'delays'\. Did you mean 'delay'"):
        training_set(ctx, ROWS, "delays", timestamp="start")


PIPELINE = """
from datetime import UTC, datetime
import millwright as mw
import polars as pl

@mw.step
def rows() -> pl.DataFrame:
    return pl.DataFrame({"building": ["a"], "start": [datetime(2026, 1, 4, tzinfo=UTC)]})

@mw.step
def total(table: pl.DataFrame) -> int:
    return int(table["late"].sum())

@mw.pipeline
def delays():
    return total(mw.steps.training_set(rows(), service="delay", timestamp="start"))
"""


@pytest.mark.usefixtures("ctx")
def test_pipeline_makes_it_each_time_and_computes_later_steps_only_when_it_changed(workspace):
    from millwright.pipelines.runner import RunOptions

    (workspace.folder / "pipeline.py").write_text(PIPELINE, encoding="utf-8")

    def run() -> list:
        result = workspace.launcher.run(str(workspace.folder / "pipeline.py"), {}, RunOptions())
        return [result.step(name).cached_from is not None for name in ("training_set", "total")]

    assert run() == [False, False]
    assert run() == [False, True]
    late = pl.DataFrame({"building": ["a"], "ended": [START], "late": [9]})
    workspace.datasets.write(late, "phases", kind=DatasetKind.TABLE)
    assert run() == [False, False]
    assert workspace.datasets.get("delay.training").record.ref == "delay.training@2"
