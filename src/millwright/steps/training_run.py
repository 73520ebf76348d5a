"""Under which tracked run a pipeline run's trials stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.ids import RunId
    from millwright.core.records.pipeline import StepRunRecord
    from millwright.storage.base import PipelineStore


def training_run(pipelines: PipelineStore, steps: Sequence[StepRunRecord], own: RunId | None) -> RunId | None:
    """The tracked run of the pipeline run in which the tuning was really executed.

    Args:
        pipelines: Where runs are kept.
        steps: The steps of a pipeline run.
        own: That run's own tracked run: the answer, unless its tuning was taken from the cache.
    """
    tuned = next((done for done in steps if done.function.endswith("tuning.tune")), None)
    if tuned is None or tuned.cached_from is None:
        return own
    return pipelines.get_pipeline_run(pipelines.get_step_run(tuned.cached_from).pipeline_run_id).tracking_run_id
