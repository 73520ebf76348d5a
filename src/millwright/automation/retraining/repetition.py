"""Whether a retraining would only repeat an earlier one: what that one gave, or what it failed of.

A drift that no new data speaks of is not trained away, and a step that its input is too much for fails of it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.automation.limits.ledger import read_ledger
from millwright.automation.retraining.cause import champion_of
from millwright.core.errors import NotFoundError
from millwright.core.ids import PipelineRunId
from millwright.core.records.pipeline import StepStatus
from millwright.pipelines.runner.failure import TRANSIENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from millwright.core.ids import Digest, StepRunId
    from millwright.core.records.pipeline import ValueRef
    from millwright.storage.catalog import Stores


def repeated_version(holder: str, cached: Iterable[StepRunId], changed: Sequence[str], stores: Stores) -> str | None:
    """Why a run would train nothing new, in a sentence; None when it would.

    Args:
        holder: `model@alias` that a new version is to meet.
        cached: The step runs whose results the run would take again.
        changed: The steps that would be executed because something that they depend on has changed.
        stores: Step runs, versions, aliases.

    Returns:
        None as well for a version that would meet another champion, or other gates, than it has met.
    """
    outputs = {output.digest for step in cached for output in _outputs(step, stores)}
    model, _, alias = holder.rpartition("@")
    versions = sorted(stores.models.list_versions(model), key=lambda version: -version.version)
    version = next((each for each in versions if each.package is not None and each.package in outputs), None)
    if version is None:
        return None
    champion = champion_of(stores, model, alias)
    is_champion = champion is not None and champion.id == version.id
    if changed and not is_champion:
        return None
    data = f" ({', '.join(version.datasets)})" if version.datasets else ""
    return (
        f"No new data since {version.ref}{data}: the pipeline would read what it read then, with the same code and "
        f"parameters, and training would give {version.ref} again. New data starts it."
    )


def repeated_failure(model: str, keys: Mapping[str, Digest], stores: Stores) -> str | None:
    """Why a run would fail as the last retraining did, in a sentence; None when it may succeed.

    Args:
        model: The registered model.
        keys: The steps that the run would execute, with what their results depend on, as far as that is known.
        stores: The audit log and step runs.

    Returns:
        None as well after failures that may pass by themselves: a killed process, a time-out, a connection.
    """
    run = _last_failed(model, stores)
    for step in stores.pipelines.list_step_runs(run) if run is not None else ():
        if step.status is not StepStatus.FAILED or step.cache_key is None or step.summary.get(TRANSIENT):
            continue
        if keys.get(step.step) == step.cache_key:
            why = f"step '{step.step}' would be given what it was given in run {step.pipeline_run_id[-8:]}"
            return _told(str(step.error), why)
    return None


def repeated_refusal(model: str, error: str, stores: Stores) -> str | None:
    """Why a run could not begin, as the last retraining could not, in a sentence; None when that one said otherwise.

    Args:
        model: The registered model.
        error: Why a run could not begin now.
        stores: The audit log and the queue.
    """
    run = _last_failed(model, stores)
    request = stores.queue.find(run) if run is not None else None
    if request is None or not request.error or error not in request.error:
        return None
    return _told(error, f"a run can begin no more than run {request.id[-8:]} could")


def _last_failed(model: str, stores: Stores) -> PipelineRunId | None:
    """The run of the last retraining, if it failed."""
    failed = read_ledger(stores.audit, model).failed
    run = failed.details.get("run") if failed is not None else None
    return PipelineRunId(run) if run else None


def _told(error: str, why: str) -> str:
    said = error.rstrip(".")
    return (
        f"The last retraining failed ({said}), and would fail again: {why}, with the same code and parameters. "
        "New data, other code or other parameters start it, and so does a person: mw alerts retrain ALERT."
    )


def _outputs(step: StepRunId, stores: Stores) -> Sequence[ValueRef]:
    try:
        return stores.pipelines.get_step_run(step).outputs
    except NotFoundError:  # removed meanwhile
        return ()
