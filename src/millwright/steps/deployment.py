"""Deploy: the alias moves if the gates passed; servers that follow it swap by themselves."""

from __future__ import annotations

from dataclasses import dataclass

from millwright.core.errors import PromotionRefusedError, StateTransitionError
from millwright.core.records.model import ModelVersionRecord
from millwright.evaluation.gates.result import GateReport
from millwright.pipelines.context import StepContext
from millwright.pipelines.step import step
from millwright.registry.registry import Registry
from millwright.steps.champion import CHAMPION, find_version
from millwright.storage.catalog import Stores


@dataclass(frozen=True, kw_only=True, slots=True)
class Deployment:
    """What became of the alias.

    Attributes:
        model: The registered model's name.
        alias: The alias in question.
        version: The version that carries it now; None when nobody does.
        moved: Whether this step moved it.
        reason: One sentence for people.
    """

    model: str
    alias: str
    version: int | None
    moved: bool
    reason: str


@step(cache=False)
def deploy(ctx: StepContext, version: ModelVersionRecord, gates: GateReport, alias: str = "champion") -> Deployment:
    """Point an alias at a version if its gates passed; otherwise the present one stays.

    Never cached: the alias may have been moved by someone else since. A champion that took over after the gates were
    checked stays, too: the version was not compared with it.

    Args:
        ctx: Given by the runner.
        version: The registered version.
        gates: What the gates said of it.
        alias: The alias that endpoints follow.
    """
    stores = ctx.service(Stores)
    # Nobody moves the alias or decides on the version between our look and our move.
    with stores.transactions.transaction():
        stores.models.lock_model(version.name)
        holder = find_version(ctx, version.name, alias)
        moved = not _is_holder(version, holder) and gates.passed and not _unmet(holder, gates, alias)
        reason = _reason(version, holder, gates, alias)
        if moved:
            try:
                ctx.service(Registry).promote(version.name, version.version, alias, reason=reason)
                holder = version
            except (PromotionRefusedError, StateTransitionError) as refusal:  # a person decided against it
                moved, reason = False, f"{version.ref} stays behind: {refusal.message}"
    ctx.note(alias=f"{version.name}@{alias}", moved=moved, reason=reason)
    number = holder.version if holder else None
    return Deployment(model=version.name, alias=alias, version=number, moved=moved, reason=reason)


def _is_holder(version: ModelVersionRecord, holder: ModelVersionRecord | None) -> bool:
    return holder is not None and holder.version == version.version


def _unmet(holder: ModelVersionRecord | None, gates: GateReport, alias: str) -> bool:
    """Whether the present champion is one that the gates did not compare the version with."""
    return alias == CHAMPION and holder is not None and holder.ref != gates.champion


def _reason(version: ModelVersionRecord, holder: ModelVersionRecord | None, gates: GateReport, alias: str) -> str:
    if _is_holder(version, holder):
        return f"{version.ref} is {alias} already."
    if not gates.passed:
        failed = "; ".join(f"{result.gate}: {result.reason}" for result in gates.failed)
        return f"{version.ref} stays behind: {failed}"
    if holder is not None and _unmet(holder, gates, alias):
        return f"{version.ref} stays behind: {holder.ref} became {alias} meanwhile; run again to compare the two."
    before = f" in place of {holder.ref}" if holder else ""
    return f"{version.ref} passed {len(gates.results)} gates and is {alias}{before}."
