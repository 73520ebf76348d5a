from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.clock import ManualClock
from millwright.core.events import EventBus
from millwright.core.ids import PipelineRunId, StepRunId
from millwright.core.records.queue import RunRequest
from millwright.deployment.traffic.control import RolloutControl
from millwright.deployment.traffic.strategy import Canary, Shadow, strategy_from_json
from millwright.evaluation.gates.result import GateReport, GateResult
from millwright.governance.approval_rule import ApprovalRulePolicy, ApprovalRules
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
    rollouts = RolloutControl(stores=stores, registry=registry, clock=clock, actor="user:ada")
    return StepContext(
        step="deploy",
        pipeline="delay",
        pipeline_run_id=PipelineRunId("run"),
        step_run_id=StepRunId("step"),
        clock=clock,
        services={Stores: stores, Registry: registry, RolloutControl: rollouts},
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


def test_strategy_begins_a_rollout_and_leaves_the_alias(ctx, version, stores) -> None:
    deploy(ctx, version(), gates())
    done = deploy(ctx, version(), gates(champion="delay@1"), strategy=Canary("10m", at=[10, 50, 100]), endpoint="site")
    assert (done.version, done.moved) == (1, False)
    assert done.reason == "The canary of delay@2 has begun beside delay@1."
    record = stores.rollouts.find_open("site")
    assert (record.id, record.steps, record.alias) == (done.rollout, (10.0, 50.0, 100.0), "champion")


def test_first_version_is_deployed_at_once_whatever_the_strategy(ctx, version, stores) -> None:
    done = deploy(ctx, version(), gates(), strategy=Canary())
    assert (done.version, done.moved, done.rollout) == (1, True, "")
    assert stores.rollouts.list_rollouts() == []


def test_version_whose_gates_failed_begins_no_rollout(ctx, version, stores) -> None:
    deploy(ctx, version(), gates())
    done = deploy(ctx, version(), gates(passed=False), strategy=Shadow())
    assert "stays behind: size" in done.reason
    assert stores.rollouts.list_rollouts() == []


def test_version_stays_behind_while_another_one_is_tried(ctx, version) -> None:
    deploy(ctx, version(), gates())
    deploy(ctx, version(), gates(champion="delay@1"), strategy=Canary())
    done = deploy(ctx, version(), gates(champion="delay@1"), strategy=Canary())
    assert "delay@3 stays behind: The endpoint 'delay' has an open rollout already" in done.reason
    assert done.rollout == ""


def test_version_without_a_report_of_gates_is_left_to_the_registrys_policy(ctx, version) -> None:
    done = deploy(ctx, version())
    assert (done.moved, done.reason) == (True, "delay@1 is champion.")


STRATEGY_PIPELINE = """
import millwright as mw


@mw.step
def version(ctx: mw.StepContext) -> ModelVersionRecord:
    return ctx.service(Registry).resolve("delay@2")


@mw.pipeline
def bring_in() -> None:
    mw.steps.deploy(version(), endpoint="delay", strategy=mw.Canary("10m", at=[10, 50, 100]))
"""


def test_pipeline_takes_a_strategy_as_the_design_writes_it(tmp_path, monkeypatch) -> None:
    from millwright.pipelines.runner import RunOptions
    from millwright.workspace.workspace import Workspace

    monkeypatch.chdir(tmp_path)
    heads = (
        "from millwright.core.records.model import ModelVersionRecord",
        "from millwright.registry.registry import Registry",
    )
    (tmp_path / "pipeline.py").write_text("\n".join(heads) + STRATEGY_PIPELINE, encoding="utf-8")
    (tmp_path / "millwright.toml").write_text('actor = "ann"\n', encoding="utf-8")
    with Workspace.open(tmp_path) as workspace:
        for number in (1, 2):
            package = workspace.stores.artifacts.put(f"package {number}".encode())
            draft = VersionDraft(
                name="delay", package=package, size_bytes=9, flavor="sklearn", signature={"inputs": []}
            )
            workspace.registry.register(draft)
        workspace.registry.promote("delay", 1, reason="a test", force=True)
        workspace.registry.approve("delay", 2, reason="it has no gates")
        result = workspace.launcher.run("pipeline.py", {}, RunOptions())
        assert result.record.status.value == "completed", result
        record = workspace.stores.rollouts.find_open("delay")
    assert [(arm.version, arm.weight) for arm in record.arms] == [(1, 90.0), (2, 10.0)]
    assert record.hold_s == 600.0


def enqueue(stores: Stores, ctx: StepContext, *, canary: bool) -> None:
    """The request of a retraining that the run of `ctx` belongs to."""
    stores.queue.enqueue(
        RunRequest(
            id=ctx.pipeline_run_id,
            name="delay",
            pipeline="p.py",
            created_at=sample.NOON,
            not_before=sample.NOON,
            trigger="alert:1",
            options={"answers": {"canary": canary, "trigger": "monitor-delay"}},
        )
    )


def asking_for_approval(ctx: StepContext, stores: Stores) -> StepContext:
    """The same, where one person has to approve."""
    policy = ApprovalRulePolicy(
        ApprovalRules(needed=1), AnyPolicy(), makers_of=lambda _: set(), roles_of=lambda _: set()
    )
    registry = Registry(stores=stores, clock=ctx.clock, events=EventBus(), actor="user:ada", policy=policy)
    return replace(ctx, services={**ctx.services, Registry: registry})


def test_retraining_that_asks_for_a_canary_gets_one_in_the_name_of_automation(ctx, version, stores) -> None:
    deploy(ctx, version(), gates())
    enqueue(stores, ctx, canary=True)
    done = deploy(ctx, version(), gates(champion="delay@1"))
    assert (done.version, done.moved) == (1, False)
    record = stores.rollouts.get(done.rollout)
    assert record.arms[1].version == 2
    assert (record.created_by, record.decision.by) == ("automation", "automation")
    assert record.decision.reason == "canary begun by the retraining by trigger 'monitor-delay'"


def test_canary_of_a_retraining_begins_once_people_have_approved(ctx, version, stores) -> None:
    deploy(ctx, version(), gates())
    enqueue(stores, ctx, canary=True)
    ctx, challenger = asking_for_approval(ctx, stores), version()
    waiting = deploy(ctx, challenger, gates(champion="delay@1"))
    assert (waiting.version, waiting.moved, waiting.rollout) == (1, False, "")
    assert "delay@2 stays behind" in waiting.reason
    assert "0 of 1 approvals" in waiting.reason
    assert stores.rollouts.list_rollouts() == []
    ctx.service(Registry).approve("delay", 2, reason="looks right")
    done = deploy(ctx, challenger, gates(champion="delay@1"))
    assert stores.rollouts.get(done.rollout).arms[1].version == 2


def test_strategy_of_the_pipelines_own_begins_once_people_have_approved(ctx, version, stores) -> None:
    deploy(ctx, version(), gates())
    ctx, challenger = asking_for_approval(ctx, stores), version()
    strategy = Canary("1h", at=[5, 100])
    waiting = deploy(ctx, challenger, gates(champion="delay@1"), strategy=strategy, endpoint="site")
    assert (waiting.rollout, stores.rollouts.list_rollouts()) == ("", [])
    assert "delay@2 may not be tried in a canary for champion yet: It has 0 of 1 approvals" in waiting.reason
    noted = ctx.facts["waits"]
    assert (noted["version"], noted["endpoint"]) == ("delay@2", "site")
    assert strategy_from_json(noted["strategy"]) == replace(strategy, at=[5, 100])
    ctx.service(Registry).approve("delay", 2, reason="looks right")
    done = deploy(ctx, challenger, gates(champion="delay@1"), strategy=strategy, endpoint="site")
    decision = stores.rollouts.get(done.rollout).decision
    assert (decision.by, decision.reason) == ("user:ada", "canary begun by the pipeline 'delay'")


def test_shadow_answers_nobody_and_waits_for_no_approval(ctx, version, stores) -> None:
    deploy(ctx, version(), gates())
    done = deploy(asking_for_approval(ctx, stores), version(), gates(champion="delay@1"), strategy=Shadow())
    assert stores.rollouts.get(done.rollout).kind.value == "shadow"


def test_version_that_may_not_have_the_alias_yet_is_noted_to_wait(ctx, version, stores) -> None:
    waiting = deploy(asking_for_approval(ctx, stores), version(), gates())
    assert (waiting.version, waiting.moved) == (None, False)
    assert ctx.facts["waits"] == {"version": "delay@1", "endpoint": "", "strategy": None}
