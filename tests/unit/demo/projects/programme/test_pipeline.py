from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import millwright
from millwright.core.clock import SystemClock
from millwright.core.ids import PipelineRunId, StepRunId
from millwright.data.contracts.file import load_contract
from millwright.data.contracts.validation import validate
from millwright.demo.programme.generator import generate
from millwright.pipelines.context import StepContext
from millwright.pipelines.source import load_pipeline

FOLDER = Path(millwright.__file__).parent / "demo" / "projects" / "programme"


@pytest.fixture(scope="module")
def pipeline():
    return load_pipeline(str(FOLDER / "pipeline.py"))


def test_pipeline_goes_from_source_to_deployment(pipeline):
    graph = pipeline.build(source="programme.csv")
    assert [node.name for node in graph.nodes] == [
        "ingest", "validate", "features", "check_leakage", "split", "tune", "evaluate", "package", "check_gates",
        "register", "deploy",
    ]  # fmt: skip
    assert graph.params["trials"] == 16


def test_features_are_known_at_the_start_and_outcomes_are_resolved(pipeline):
    source = generate(3, period=1)
    table = validate(source, load_contract(str(FOLDER / "contract.yaml"))).valid
    graph = pipeline.build(source="programme.csv")
    spec = graph.node("features").spec
    context = StepContext(
        step="features", pipeline="p", pipeline_run_id=PipelineRunId("1"), step_run_id=StepRunId("2"),
        clock=SystemClock(),
    )  # fmt: skip
    with graph.scope.active():
        features = spec.call({"ctx": context, "activities": table})
    assert features.columns[-3:] == ["project_id", "planned_end", "late"]
    assert features["late"].null_count() == 0
    assert features["late"].dtype == pl.Boolean
    assert not {"actual_end", "actual_cost", "status", "snapshot_date"} & set(features.columns)
    assert context.facts["rows"] == features.height
    assert context.facts["unresolved"] == table.height - features.height
    assert 0.1 < context.facts["late_share"] < 0.6
