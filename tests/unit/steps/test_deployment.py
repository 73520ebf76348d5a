from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.clock import ManualClock
from millwright.core.events import EventBus
from millwright.core.ids import PipelineRunId, StepRunId
from millwright.evaluation.gates.result import GateReport, GateResult
from millwright.pipelines.context import StepContext
from millwright.registry import Registry, VersionDraft
from millwright.steps.deployment import deploy
from millwright.storage.catalog import Stores, open_stores
from millwright.testing import sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from millwright.core.records.model import ApprovalRecord, ModelVersionRecord


class AnyPolicy:
    def check(self, version: ModelVersionRecord, alias: str, approvals: Sequence[ApprovalRecord]) -> list[str]:
        del version, alias, approvals
        return []


def gates(*, passed: bool = True, champion: str = "") -> GateReport:
    result = GateResult(gate="size", passed=passed, value=1.0, limit=2.0, reason="It is this large.")
    return GateReport(passed=passed, results=(result,), champion=champion)


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    opened = open_stores(
        records_url=f"sqlite:///{tmp_path}/x.db", artifacts_url=f"{tmp_path}/a", predictions_url=f"{tmp_path}/p"
    )
    yield opened
    opened.close()


@pytest.fixture
def ctx(stores: Stores) -> StepContext:
    clock = ManualClock(sample.NOON)
    registry = Registry(stores=stores, clock=clock, events=EventBus(), actor="user:ada", policy=AnyPolicy())
    return StepContext(
        step="deploy",
        pipeline="delay",
        pipeline_run_id=PipelineRunId("run"),
        step_run_id=StepRunId("step"),
        clock=clock,
        services={Stores: stores, Registry: registry},
    )


@pytest.fixture
def version(stores: Stores, ctx: StepContext) -> Callable[[], ModelVersionRecord]:
    """A new version each time."""

    def make() -> ModelVersionRecord:
        data = f"package {len(stores.models.list_versions())}".encode()
        fields: dict[str, Any] = {"flavor": "sklearn", "signature": {"inputs": []}}
        package = stores.artifacts.put(data)
        draft = VersionDraft(name="delay", package=package, size_bytes=len(data), **fields)
        return ctx.service(Registry).register(draft)

    return make


def test_first_version_whose_gates_passed_becomes_champion(ctx, version, stores) -> None:
    done = deploy(ctx, version(), gates())
    assert (done.version, done.moved) == (1, True)
    assert done.reason == "delay@1 passed 1 gates and is champion."
    assert [alias.version for alias in stores.models.list_aliases()] == [1]
    assert ctx.facts["moved"] is True


def test_version_whose_gates_failed_stays_behind_with_the_reason(ctx, version, stores) -> None:
    done = deploy(ctx, version(), gates(passed=False))
    assert (done.version, done.moved) == (None, False)
    assert done.reason == "delay@1 stays behind: size: It is this large."
    assert stores.models.list_aliases() == []


def test_champion_is_left_as_it_is(ctx, version) -> None:
    champion = version()
    deploy(ctx, champion, gates())
    done = deploy(ctx, champion, gates(champion="delay@1"))
    assert (done.version, done.moved, done.reason) == (1, False, "delay@1 is champion already.")


def test_challenger_that_was_compared_with_the_champion_takes_its_place(ctx, version) -> None:
    deploy(ctx, version(), gates())
    done = deploy(ctx, version(), gates(champion="delay@1"))
    assert (done.version, done.moved) == (2, True)
    assert done.reason.endswith("in place of delay@1.")


def test_champion_that_the_challenger_was_not_compared_with_stays(ctx, version, stores) -> None:
    deploy(ctx, version(), gates())
    done = deploy(ctx, version(), gates(champion=""))
    assert (done.version, done.moved) == (1, False)
    assert done.reason == "delay@2 stays behind: delay@1 became champion meanwhile; run again to compare the two."
    assert [alias.version for alias in stores.models.list_aliases()] == [1]


def test_other_alias_moves_whoever_is_champion(ctx, version) -> None:
    deploy(ctx, version(), gates(), alias="shadow")
    done = deploy(ctx, version(), gates(), alias="shadow")
    assert (done.alias, done.version, done.moved) == ("shadow", 2, True)


def test_version_that_a_person_rejected_stays_behind_though_its_gates_passed(ctx, version, stores) -> None:
    rejected = version()
    ctx.service(Registry).reject("delay", 1, reason="not on my watch")
    done = deploy(ctx, rejected, gates())
    assert (done.version, done.moved) == (None, False)
    assert done.reason.startswith("delay@1 stays behind: delay@1 is rejected")
    assert stores.models.list_aliases() == []
