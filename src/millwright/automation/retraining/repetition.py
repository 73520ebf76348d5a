"""Whether a retraining would only repeat an earlier one: a drift that no new data speaks of is not trained away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.automation.retraining.cause import champion_of
from millwright.core.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from millwright.core.ids import StepRunId
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


def _outputs(step: StepRunId, stores: Stores) -> Sequence[ValueRef]:
    try:
        return stores.pipelines.get_step_run(step).outputs
    except NotFoundError:  # removed meanwhile
        return ()
