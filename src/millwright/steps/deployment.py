"""Deploy: the alias moves if the gates passed, at once or by a rollout; servers that follow it swap by themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from millwright.core.errors import ConflictError, PromotionRefusedError, StateTransitionError
from millwright.core.records.model import ModelVersionRecord
from millwright.core.records.queue import ANSWERS
from millwright.core.records.rollout import RolloutKind
from millwright.deployment.traffic.control import RolloutControl, RolloutPlan
from millwright.deployment.traffic.strategy import AB, Canary, Shadow, Split, strategy_to_json
from millwright.evaluation.gates.result import GateReport
from millwright.pipelines.context import StepContext
from millwright.pipelines.step import step
from millwright.registry.registry import Registry
from millwright.steps.champion import CHAMPION, find_version
from millwright.storage.catalog import Stores

if TYPE_CHECKING:
    from collections.abc import Mapping

_RETRAINING = "automation"  # who begins the rollouts of retrainings, as of those that were approved later


@dataclass(frozen=True, kw_only=True, slots=True)
class Deployment:
    """What became of the alias.

    Attributes:
        model: The registered model's name.
        alias: The alias in question.
        version: The version that carries it now; None when nobody does.
        moved: Whether this step moved it.
        reason: One sentence for people.
        rollout: Id of the rollout that has begun; empty when none has.
    """

    model: str
    alias: str
    version: int | None
    moved: bool
    reason: str
    rollout: str = ""


@step(cache=False)
def deploy(
    ctx: StepContext,
    version: ModelVersionRecord,
    gates: GateReport | None = None,
    alias: str = CHAMPION,
    endpoint: str = "",
    strategy: Canary | Split | AB | Shadow | None = None,
) -> Deployment:
    """Point an alias at a version if its gates passed; otherwise the present one stays.

    Never cached: the alias may have been moved by someone else since. A champion that took over after the gates were
    checked stays, too: the version was not compared with it.

    With a strategy the version shares the endpoint with the present one at first, and the alias moves later, or never
    (see `mw rollout`). The first version of all takes the alias at once: there is nothing to share with.

    Args:
        ctx: Given by the runner.
        version: The registered version.
        gates: What the gates said of it; without them the registry's policy alone decides.
        alias: The alias that endpoints follow.
        endpoint: Where a rollout takes place; by default at the endpoint with the model's name.
        strategy: How the version is brought in, such as `mw.Canary("10m", at=[10, 50, 100])`; at once when None, but
            by a canary in a retraining that asks for one (`canary` of a declared monitor's action). Whatever lets the
            version answer begins once nothing speaks against the version any more, such as an approval that is missing;
            a shadow, which answers nobody, begins at once. In a retraining it begins by itself after the approval.
    """
    stores = ctx.service(Stores)
    answers = _answers(ctx, stores)
    if strategy is None and answers.get("canary"):
        strategy = Canary()
    rollout, waits = "", False
    # Nobody moves the alias or decides on the version between our look and our move.
    with stores.transactions.transaction():
        stores.models.lock_model(version.name)
        holder = find_version(ctx, version.name, alias)
        strategy = strategy if holder is not None else None
        reason = _obstacle(version, holder, gates, alias)
        moved = False
        try:
            if not reason and strategy is None:
                promotion = _reason(version, holder, gates, alias)
                ctx.service(Registry).promote(version.name, version.version, alias, reason=promotion)
                holder, moved, reason = version, True, promotion
            elif not reason and strategy is not None and holder is not None:
                if strategy.kind is not RolloutKind.SHADOW:
                    _require_consent(ctx, version, alias, strategy.kind)
                plan = RolloutPlan(
                    model=version.name,
                    versions=[version.version],
                    strategy=strategy,
                    endpoint=endpoint,
                    alias=alias,
                    reason=f"{strategy.kind.value} begun by {_beginner(ctx, answers)}",
                )
                rollout = _control(ctx, answers).start(plan).id
                reason = f"The {strategy.kind.value} of {version.ref} has begun beside {holder.ref}."
        except (ConflictError, PromotionRefusedError, StateTransitionError) as refusal:  # a person decides, or did
            reason = f"{version.ref} stays behind: {refusal.message}"
            waits = isinstance(refusal, PromotionRefusedError)
    ctx.note(alias=f"{version.name}@{alias}", moved=moved, reason=reason)
    if waits:
        how = None if strategy is None else strategy_to_json(strategy)
        ctx.note(waits={"version": version.ref, "endpoint": endpoint, "strategy": how})
    number = holder.version if holder else None
    return Deployment(model=version.name, alias=alias, version=number, moved=moved, reason=reason, rollout=rollout)


def _answers(ctx: StepContext, stores: Stores) -> Mapping[str, Any]:
    """What the retraining is that the run belongs to; empty when it is none."""
    request = stores.queue.find(ctx.pipeline_run_id)
    return request.options.get(ANSWERS, {}) if request is not None else {}


def _beginner(ctx: StepContext, answers: Mapping[str, Any]) -> str:
    """What begins a rollout, for the audit log."""
    return f"the retraining by trigger '{answers.get('trigger')}'" if answers else f"the pipeline '{ctx.pipeline}'"


def _control(ctx: StepContext, answers: Mapping[str, Any]) -> RolloutControl:
    """What begins a rollout: in the name of who runs the pipeline, or of automation when that is a retraining."""
    control = ctx.service(RolloutControl)
    return control.acting_as(_RETRAINING) if answers else control


def _require_consent(ctx: StepContext, version: ModelVersionRecord, alias: str, kind: RolloutKind) -> None:
    """See that a version may carry the alias, before it answers anybody.

    Raises:
        PromotionRefusedError: The registry's policy objects; the retraining's decision is left waiting then.
    """
    objections = ctx.service(Registry).objections(version, alias)
    if objections:
        raise PromotionRefusedError(
            f"{version.ref} may not be tried in a {kind.value} for {alias} yet: {' '.join(objections)}",
            hint=f"Approve it with a reason: mw models approve {version.ref}",
        )


def _is_holder(version: ModelVersionRecord, holder: ModelVersionRecord | None) -> bool:
    return holder is not None and holder.version == version.version


def _unmet(holder: ModelVersionRecord | None, gates: GateReport | None, alias: str) -> bool:
    """Whether the present champion is one that the gates did not compare the version with."""
    return gates is not None and alias == CHAMPION and holder is not None and holder.ref != gates.champion


def _obstacle(
    version: ModelVersionRecord, holder: ModelVersionRecord | None, gates: GateReport | None, alias: str
) -> str:
    """Why the alias stays where it is; empty when it may move."""
    if _is_holder(version, holder):
        return f"{version.ref} is {alias} already."
    if gates is not None and not gates.passed:
        failed = "; ".join(f"{result.gate}: {result.reason}" for result in gates.failed)
        return f"{version.ref} stays behind: {failed}"
    if holder is not None and _unmet(holder, gates, alias):
        return f"{version.ref} stays behind: {holder.ref} became {alias} meanwhile; run again to compare the two."
    return ""


def _reason(
    version: ModelVersionRecord, holder: ModelVersionRecord | None, gates: GateReport | None, alias: str
) -> str:
    before = f" in place of {holder.ref}" if holder else ""
    passed = f"passed {len(gates.results)} gates and " if gates is not None else ""
    return f"{version.ref} {passed}is {alias}{before}."
