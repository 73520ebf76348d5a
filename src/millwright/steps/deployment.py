"""Deploy: the alias moves if the gates passed; servers that follow it swap by themselves."""

from __future__ import annotations

from dataclasses import dataclass

from millwright.core.records.model import ModelVersionRecord
from millwright.evaluation.gates.result import GateReport
from millwright.pipelines.context import StepContext
from millwright.pipelines.step import step
from millwright.registry.registry import Registry
from millwright.steps.champion import find_version


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

    Never cached: the alias may have been moved by someone else since.

    Args:
        ctx: Given by the runner.
        version: The registered version.
        gates: What the gates said of it.
        alias: The alias that endpoints follow.
    """
    registry = ctx.service(Registry)
    holder = find_version(ctx, version.name, alias)
    failed = [f"{result.gate}: {result.reason}" for result in gates.results if not result.passed]
    if holder is not None and holder.version == version.version:
        reason, moved = f"{version.ref} is {alias} already.", False
    elif not gates.passed:
        reason, moved = f"{version.ref} stays behind: {'; '.join(failed)}", False
    else:
        before = f" in place of {holder.ref}" if holder else ""
        reason, moved = f"{version.ref} passed {len(gates.results)} gates and is {alias}{before}.", True
        registry.promote(version.name, version.version, alias, reason=reason)
        holder = version
    ctx.note(alias=f"{version.name}@{alias}", moved=moved, reason=reason)
    number = holder.version if holder else None
    return Deployment(model=version.name, alias=alias, version=number, moved=moved, reason=reason)
