"""A package that is registered again, with another verdict of the gates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.clock import ManualClock
from millwright.core.digest import digest_bytes
from millwright.core.events import EventBus
from millwright.core.ids import PipelineRunId, StepRunId, new_id
from millwright.core.records.code import CodeRecord
from millwright.core.records.model import ModelVersionState
from millwright.core.records.pipeline import PipelineRunRecord, PipelineRunStatus
from millwright.evaluation.evaluate import evaluate
from millwright.evaluation.gates.result import GateReport, GateResult
from millwright.governance.approval import GatesPassedPolicy
from millwright.models.package import pack
from millwright.pipelines.context import StepContext
from millwright.registry import Registry
from millwright.steps.registration import register
from millwright.storage.catalog import Stores, open_stores
from millwright.testing import sample
from millwright.training.options import TuningOptions
from millwright.training.tuning import tune

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from millwright.core.records.model import ModelVersionRecord
    from millwright.evaluation.report import EvaluationReport

    Register = Callable[[GateReport], ModelVersionRecord]

ROWS = pl.DataFrame({"x": [index % 7 / 7 for index in range(60)], "late": [index % 7 > 3 for index in range(60)]})


@pytest.fixture(scope="module")
def trained() -> tuple[bytes, EvaluationReport]:
    model = tune(ROWS, target="late", options=TuningOptions(candidates=("decision_tree",), trials=1, folds=2))
    return pack(model), evaluate(model, ROWS)


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    opened = open_stores(
        records_url=f"sqlite:///{tmp_path}/x.db", artifacts_url=f"{tmp_path}/a", predictions_url=f"{tmp_path}/p"
    )
    yield opened
    opened.close()


@pytest.fixture
def registry(stores: Stores) -> Registry:
    policy = GatesPassedPolicy(stores.artifacts)
    return Registry(stores=stores, clock=ManualClock(sample.NOON), events=EventBus(), actor="ada", policy=policy)


@pytest.fixture
def register_with(stores: Stores, registry: Registry, trained: tuple[bytes, EvaluationReport]) -> Register:
    """Registers the package with a verdict, each time in a run of its own."""

    def run(verdict: GateReport) -> ModelVersionRecord:
        begun = PipelineRunRecord(
            id=PipelineRunId(new_id()),
            pipeline="delay",
            status=PipelineRunStatus.RUNNING,
            started_at=sample.NOON,
            code=CodeRecord(entrypoint="pipeline.py:delay", snapshot=None, source_digest=digest_bytes(b"")),
            owner="here",
            trigger="user",
        )
        stores.pipelines.create_pipeline_run(begun)
        stores.artifacts.put(trained[0])  # as the step that packed it did
        ctx = StepContext(
            step="register",
            pipeline="delay",
            pipeline_run_id=begun.id,
            step_run_id=StepRunId(new_id()),
            clock=ManualClock(sample.NOON),
            services={Stores: stores, Registry: registry},
        )
        return register.function(ctx, *trained, verdict, ROWS, ROWS, "delay")

    return run


def gates(*, passed: bool) -> GateReport:
    result = GateResult(gate="size", passed=passed, value=1.0, limit=2.0, reason="It is this large.")
    return GateReport(passed=passed, results=(result,))


def stored_verdict(stores: Stores) -> bool:
    version = stores.models.get_version("delay", 1)
    return GateReport.from_json(stores.artifacts.get(version.documents["gates.json"])).passed


def test_version_that_gates_rejected_is_approved_when_it_passes_them_later(
    register_with: Register, stores: Stores, registry: Registry
) -> None:
    assert register_with(gates(passed=False)).state is ModelVersionState.REJECTED
    assert not stored_verdict(stores)
    again = register_with(gates(passed=True))
    assert (again.ref, again.state) == ("delay@1", ModelVersionState.APPROVED)
    assert stored_verdict(stores)
    assert [decision.approved for decision in stores.models.list_approvals("delay", 1)] == [False, True]
    assert registry.promote("delay", 1, reason="passed").version == 1


def test_version_that_a_person_rejected_stays_rejected_when_its_gates_pass(
    register_with: Register, stores: Stores, registry: Registry
) -> None:
    register_with(gates(passed=False))
    registry.reject("delay", 1, reason="not on my watch")
    assert register_with(gates(passed=True)).state is ModelVersionState.REJECTED
    assert not stored_verdict(stores)


def test_version_in_use_keeps_its_verdict_when_gates_fail_later(
    register_with: Register, stores: Stores, registry: Registry
) -> None:
    register_with(gates(passed=True))
    registry.promote("delay", 1, reason="passed")
    assert register_with(gates(passed=False)).state is ModelVersionState.APPROVED
    assert stored_verdict(stores)
