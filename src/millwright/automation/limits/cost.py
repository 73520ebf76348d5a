"""What runs have cost, as measured: the sum over their steps, in the currency of the price table."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from millwright.core.ids import PipelineRunId
    from millwright.storage.catalog import Stores

_MOST_RUNS = 20  # a median needs no more, and what a run cost a year ago says little


@dataclass(frozen=True, kw_only=True, slots=True)
class MeasuredCost:
    """What a training usually costs.

    Attributes:
        median: Of its runs, in the table's currency.
        runs: How many were measured, ≥ 1.
    """

    median: float
    runs: int


def run_cost(stores: Stores, run_id: PipelineRunId) -> float | None:
    """What a run has cost: what its executed steps did, and nothing for those taken from the cache.

    Returns:
        The sum; None when no step was priced (no price table, or the run is not there).
    """
    steps = stores.pipelines.list_step_runs(run_id)
    costs = [step.usage.cost for step in steps if step.usage is not None and step.usage.cost is not None]
    return sum(costs) if costs else None


def spent(stores: Stores, runs: Iterable[PipelineRunId]) -> float:
    """What runs have cost together; those without a price count nothing."""
    return sum(run_cost(stores, run_id) or 0.0 for run_id in runs)


def usual_cost(stores: Stores, model: str) -> MeasuredCost | None:
    """What the runs that made a model's newest versions cost.

    Returns:
        The median of at most 20 runs; None when none was priced.
    """
    versions = sorted(stores.models.list_versions(model), key=lambda each: -each.version)
    runs = list(dict.fromkeys(each.pipeline_run_id for each in versions if each.pipeline_run_id is not None))
    costs = [cost for run_id in runs[:_MOST_RUNS] if (cost := run_cost(stores, run_id)) is not None]
    return MeasuredCost(median=median(costs), runs=len(costs)) if costs else None
