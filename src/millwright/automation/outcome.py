"""What a finished pipeline run means for the champion, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from millwright.core.errors import MillwrightError
from millwright.core.records.model import ModelVersionState
from millwright.core.records.monitor import Outcome
from millwright.core.records.pipeline import PipelineRunStatus, StepStatus
from millwright.core.records.rollout import OPEN_ROLLOUTS
from millwright.evaluation.gates.result import GateReport

if TYPE_CHECKING:
    from millwright.core.ids import Digest
    from millwright.core.records.model import ModelVersionRecord
    from millwright.core.records.pipeline import PipelineRunRecord
    from millwright.core.records.rollout import RolloutRecord
    from millwright.storage.catalog import Stores

GATES_DOCUMENT = "gates.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """How a retraining ended.

    Attributes:
        challenger: `name@version`, or None when none was made.
        reasons: One sentence per gate that decided, or why there was nothing to decide; what was compared; and what the
            training went on from, or why not, where that was asked for.
        stopped: Whether it failed because a person stopped the run.
        plan: For one that waits: how the pipeline's own `deploy` step would bring it in, `endpoint` and `strategy`;
            None where it does not say.
        by_hand: For one that waits: nothing speaks against it, but neither the pipeline nor the retraining was told to
            bring it in. Only what a person does from now on settles it.
    """

    outcome: Outcome
    reasons: tuple[str, ...]
    challenger: str | None = None
    stopped: bool = False
    plan: Mapping[str, Any] | None = None
    by_hand: bool = False


class Objector(Protocol):
    """Tells what speaks against a version carrying an alias; the registry does."""

    def objections(self, version: ModelVersionRecord, alias: str = ...) -> list[str]:
        """In sentences; nothing when it may carry it."""
        ...


def judge(
    run: PipelineRunRecord,
    *,
    model: str,
    before: ModelVersionRecord | None,
    alias: str,
    stores: Stores,
    registry: Objector | None = None,
    canary: bool = False,
) -> Judgement:
    """Say what a run did to an alias.

    Args:
        run: The finished run.
        model: The registered model in question.
        before: The version that carried the alias before the run.
        alias: The alias in question.
        stores: Where versions, aliases, step runs and gate reports are.
        registry: Tells whether a challenger that passed its gates has to be approved; without it, nobody asks.
        canary: Whether automation brings a better version in by a canary, where the pipeline does not deploy it itself.
    """
    if run.status is not PipelineRunStatus.COMPLETED:
        sentence = f"The pipeline {run.status}: {run.error or 'no reason given'}"
        stopped = run.status is PipelineRunStatus.CANCELLED
        return Judgement(outcome=Outcome.FAILED, reasons=(sentence,), stopped=stopped)
    challenger = _find_challenger(run, model, stores)
    if challenger is None:
        return Judgement(outcome=Outcome.KEPT, reasons=(f"The run registered no version of {model}.",))
    if before is not None and challenger.id == before.id:
        sentence = f"Training gave {before.ref} again, to the byte."
        reasons = (sentence, *_repeated(run, challenger, stores))
        return Judgement(outcome=Outcome.UNCHANGED, reasons=reasons, challenger=challenger.ref)
    holder = stores.models.find_alias(model, alias)
    promoted = holder is not None and holder.version == challenger.version
    outcome = Outcome.PROMOTED if promoted else Outcome.KEPT
    reasons = (
        *_gate_reasons(run, challenger, outcome, alias, stores),
        *_compared(run, challenger, stores),
        *_begun(challenger),
        *_repeated(run, challenger, stores),
    )
    if not promoted and (rollout := find_rollout(stores, challenger)) is not None:
        sentence = f"{challenger.ref} passed its gates, and its {rollout.kind.value} at '{rollout.endpoint}' has begun."
        return Judgement(outcome=Outcome.CANARY, reasons=(sentence,), challenger=challenger.ref)
    judgement = Judgement(outcome=outcome, reasons=reasons, challenger=challenger.ref)
    if promoted or registry is None or not _passed(run, challenger, stores):
        return judgement
    if (holder.version if holder else None) != (before.version if before else None):
        now = f"{model}@{holder.version}" if holder else "nobody"
        sentence = f"All gates passed, but {now} became {alias} meanwhile, which {challenger.ref} never met."
        return replace(judgement, reasons=(sentence, *reasons[1:]))
    if objections := registry.objections(challenger, alias):
        plan = _held_back(run, challenger, stores)
        return replace(judgement, outcome=Outcome.WAITING, reasons=(*reasons, *objections), plan=plan)
    return _wait(run, challenger, alias, stores, canary=canary)


def _wait(
    run: PipelineRunRecord, challenger: ModelVersionRecord, alias: str, stores: Stores, *, canary: bool
) -> Judgement:
    """Nothing speaks against a challenger, and the alias is where it was: what brings it in, or who."""
    told = (*_compared(run, challenger, stores), *_begun(challenger))
    waits = Judgement(outcome=Outcome.WAITING, reasons=told, challenger=challenger.ref)
    plan = _held_back(run, challenger, stores)
    if plan is not None:  # somebody approved it between that step and now: it is brought in as if later
        said = f"{challenger.ref} was approved after the run's deploy step had asked for that."
        return replace(waits, reasons=(*told, said), plan=plan)
    left = _left_behind(run, stores)
    if canary and left is None:
        begins = "the pipeline has no deploy step, so that its canary begins by itself"
        return replace(waits, reasons=(*told, f"{challenger.ref} passed its gates; {begins}."))
    reasons = (_unserved(challenger, alias, left), *told, *_repeated(run, challenger, stores))
    return replace(waits, reasons=reasons, by_hand=True)


def _left_behind(run: PipelineRunRecord, stores: Stores) -> str | None:
    """Why a step of the run that looked at the alias left it where it was; None where no step looked."""
    for step in stores.pipelines.list_step_runs(run.id):
        if "moved" in step.summary:  # `deploy` notes it
            return str(step.summary.get("reason") or "")
    return None


def _unserved(version: ModelVersionRecord, alias: str, left: str | None) -> str:
    """That a version which passed its gates waits for a person, why, and what there is to do."""
    why = "neither does the pipeline deploy it, nor was a canary asked for"
    if left is not None:
        why = f"the run's deploy step left {alias} where it was"
        why += f" ({left.rstrip('.')})" if left else ""
    return (
        f"{version.ref} passed its gates and waits for a person: {why}. "
        f"To serve it: mw models approve {version.ref} --reason WHY. "
        f"To leave it: mw models reject {version.ref} --reason WHY."
    )


def _held_back(run: PipelineRunRecord, version: ModelVersionRecord, stores: Stores) -> Mapping[str, Any] | None:
    """What the run's deploy step noted of a version that may not have the alias yet; None when it held none back."""
    for step in stores.pipelines.list_step_runs(run.id):
        waits = step.summary.get("waits")
        if isinstance(waits, Mapping) and waits.get("version") == version.ref:
            return {"endpoint": waits.get("endpoint") or "", "strategy": waits.get("strategy")}
    return None


def _repeated(run: PipelineRunRecord, version: ModelVersionRecord, stores: Stores) -> tuple[str, ...]:
    """That the run trained nothing: the package came from the cache, so that it saw no new data."""
    for step in stores.pipelines.list_step_runs(run.id):
        if step.status is StepStatus.CACHED and any(output.digest == version.package for output in step.outputs):
            return (f"No new data since {version.ref}: what the run would have trained was taken from the cache.",)
    return ()


def find_rollout(stores: Stores, version: ModelVersionRecord) -> RolloutRecord | None:
    """The open rollout in which a version is tried."""
    for rollout in stores.rollouts.list_rollouts():
        tried = any(arm.version == version.version for arm in rollout.arms[1:])
        if rollout.model == version.name and tried and rollout.state in OPEN_ROLLOUTS:
            return rollout
    return None


def _passed(run: PipelineRunRecord, version: ModelVersionRecord, stores: Stores) -> bool:
    """Whether all gates spoke for a version, and nobody has put it away since."""
    if version.state in {ModelVersionState.REJECTED, ModelVersionState.ARCHIVED}:
        return False
    report = _report(run, version, stores)
    return report is not None and report.passed


def failed_run(error: Exception) -> Judgement:
    """The judgement on a run that could not even be started, or whose launcher raised."""
    text = str(error) if isinstance(error, MillwrightError) else f"{type(error).__name__}: {error}"
    return Judgement(outcome=Outcome.FAILED, reasons=(f"The pipeline could not be run: {text}",))


def _find_challenger(run: PipelineRunRecord, model: str, stores: Stores) -> ModelVersionRecord | None:
    """The version that the run registered, or the older one that it found to be equal.

    Registration is idempotent: a package that is there already gives its version, which belongs to an earlier run; the
    step that found it notes it as `version`.
    """
    for version in stores.models.list_versions(model):
        if version.pipeline_run_id == run.id:
            return version
    noted = {str(step.summary.get("version")) for step in stores.pipelines.list_step_runs(run.id)}
    return next((version for version in stores.models.list_versions(model) if version.ref in noted), None)


def _verdict(run: PipelineRunRecord, version: ModelVersionRecord, stores: Stores) -> Digest | None:
    """The gate report that the run's registration was given, else the one that the version carries.

    A run that finds an older version again judges it anew, against the champion of now; what the version carries is the
    verdict of the day on which it was made.
    """
    for step in stores.pipelines.list_step_runs(run.id):
        if step.summary.get("version") == version.ref and "gates" in step.inputs:
            return step.inputs["gates"].digest
    return version.documents.get(GATES_DOCUMENT)


def _begun(version: ModelVersionRecord) -> tuple[str, ...]:
    """What a version's training went on from, where one was asked to: as `register` keeps it in the parameters."""
    told = version.params.get("warm_start")
    if not isinstance(told, Mapping) or not told.get("version"):
        return ()
    earlier = told["version"]
    if told.get("continued") is True:
        return (f"Warm start: {version.ref} went on from {earlier} ({told.get('how')}).",)
    if told.get("continued") is False:
        return (f"No warm start: {version.ref} was trained from nothing, not from {earlier}: {told.get('reason')}.",)
    return (f"Warm start: the step that trained {version.ref} was given {earlier} to go on from.",)


def _compared(run: PipelineRunRecord, version: ModelVersionRecord, stores: Stores) -> tuple[str, ...]:
    report = _report(run, version, stores)
    if report is None or not report.champion:
        return ()
    return (f"The gates compared {version.ref} with {report.champion}, both on the test rows of this run.",)


def _report(run: PipelineRunRecord, version: ModelVersionRecord, stores: Stores) -> GateReport | None:
    digest = _verdict(run, version, stores)
    try:
        return None if digest is None else GateReport.from_json(stores.artifacts.get(digest))
    except MillwrightError:  # the reasons of the gates say so
        return None


def _gate_reasons(
    run: PipelineRunRecord, version: ModelVersionRecord, outcome: Outcome, alias: str, stores: Stores
) -> tuple[str, ...]:
    digest = _verdict(run, version, stores)
    if digest is None:
        return (f"{version.ref} has no gate report.",)
    try:
        report = GateReport.from_json(stores.artifacts.get(digest))
    except MillwrightError as error:  # the decision must be written whatever became of the report
        return (f"The gate report of {version.ref} cannot be read: {error.message}",)
    applied = [result for result in report.results if result.applicable]
    deciding = applied if outcome is Outcome.PROMOTED else report.failed
    if deciding:
        return tuple(f"{result.title}: {result.reason}" for result in deciding)
    if outcome is Outcome.PROMOTED:
        return (f"No gate spoke against {version.ref}.",)
    return (
        f"All {len(report.results)} gates passed, but {alias} was not moved to {version.ref}: it waits for a person.",
    )
