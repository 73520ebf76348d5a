"""Who consumes a dataset: what a breaking change of its contract has to name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from millwright.core.errors import NotFoundError
from millwright.core.ids import StepRunId
from millwright.core.records.audit import NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.storage.catalog import Stores

_Node = tuple[NodeKind, str]
_SHOWN = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Consumers:
    """What reads a dataset, or was made from it; each in alphabetical order.

    Attributes:
        features: Feature views that read it or something derived from it, and on-demand views and services that use
            those.
        pipelines: Pipelines of which a step read it, or something made from it.
        models: Model versions (`name@3`) that came of it.
        datasets: Other datasets that were derived from it.
    """

    features: tuple[str, ...] = ()
    pipelines: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nobody is known."""
        return not (self.features or self.pipelines or self.models or self.datasets)

    def __str__(self) -> str:
        if self.is_empty:
            return "nobody that is known"
        parts = (
            ("features", self.features),
            ("pipelines", self.pipelines),
            ("models", self.models),
            ("datasets", self.datasets),
        )
        return "; ".join(f"{what} {_listed(names)}" for what, names in parts if names)


def find_consumers(stores: Stores, dataset: str) -> Consumers:
    """Who consumes a dataset, as far as definitions of features and recorded lineage tell.

    Args:
        stores: The workspace's stores.
        dataset: Its name; every version counts.
    """
    versions = [(NodeKind.DATASET, record.ref) for record in stores.datasets.list_versions(dataset)]
    # A step hands a dataset on as a value: what read that value read the dataset.
    writers = {
        (edge.source_kind, edge.source_id)
        for kind, ref in versions
        for edge in stores.lineage.upstream(kind, ref)
        if edge.source_kind is NodeKind.STEP_RUN
    }
    reached = _downstream(stores, {*versions, *writers})
    steps = {node for kind, node in reached if kind is NodeKind.STEP_RUN}
    derived = {ref.partition("@")[0] for kind, ref in reached if kind is NodeKind.DATASET}
    return Consumers(
        features=tuple(sorted(_features(stores, {dataset, *derived}))),
        pipelines=tuple(sorted({name for step in steps for name in _pipeline(stores, step)})),
        models=tuple(sorted(ref for kind, ref in reached if kind is NodeKind.MODEL_VERSION)),
        datasets=tuple(sorted(derived - {dataset})),
    )


def _downstream(stores: Stores, start: set[_Node]) -> set[_Node]:
    """Everything that came of some nodes, themselves left out; the walk ends at models."""
    seen, left = set(start), list(start)
    while left:
        kind, node = left.pop()
        if kind is NodeKind.MODEL_VERSION:
            continue
        for edge in stores.lineage.downstream(kind, node):
            target = (edge.target_kind, edge.target_id)
            if target not in seen:
                seen.add(target)
                left.append(target)
    return seen - start


def _pipeline(stores: Stores, step_run: str) -> Iterator[str]:
    try:
        run = stores.pipelines.get_step_run(StepRunId(step_run))
        yield stores.pipelines.get_pipeline_run(run.pipeline_run_id).pipeline
    except NotFoundError:  # a run that was removed; its lineage stays
        return


def _features(stores: Stores, datasets: set[str]) -> set[str]:
    """Definitions that read one of the datasets, directly or through others."""
    left = stores.features.list_latest()
    found: set[str] = set()
    sources = {f"dataset/{dataset}" for dataset in datasets}
    while using := [one for one in left if sources & set(one.sources)]:
        found |= {one.name for one in using}
        sources |= {f"{kind}/{one.name}" for one in using for kind in (one.kind.value, "view")}
        left = [one for one in left if one not in using]
    return found


def _listed(names: tuple[str, ...]) -> str:
    left = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {left} more" if left > 0 else "")
