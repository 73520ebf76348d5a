from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.digest import digest_bytes
from millwright.core.ids import PipelineRunId, StepRunId
from millwright.core.records.audit import LineageEdge, NodeKind
from millwright.core.records.feature import FeatureDefinitionRecord, FeatureKind
from millwright.data.contracts.consumer import Consumers, find_consumers
from millwright.testing import sample

if TYPE_CHECKING:
    from millwright.storage.catalog import Stores


def edge(source: tuple[NodeKind, str], target: tuple[NodeKind, str]) -> LineageEdge:
    return LineageEdge(
        source_kind=source[0],
        source_id=source[1],
        relation="read",
        target_kind=target[0],
        target_id=target[1],
        at=sample.NOON,
    )


def define(stores: Stores, kind: FeatureKind, name: str, *sources: str) -> None:
    stores.features.put(
        FeatureDefinitionRecord(
            kind=kind,
            name=name,
            version=0,
            digest=digest_bytes(name.encode()),
            definition={"name": name},
            created_at=sample.NOON,
            actor="ada",
            sources=sources,
        )
    )


def test_everything_that_came_of_a_dataset_is_named(stores: Stores) -> None:
    stores.datasets.create_version(sample.dataset_version("phases"))
    run = sample.pipeline_run(id=PipelineRunId("p"), pipeline="late-phases")
    stores.pipelines.create_pipeline_run(run)
    for name in ("ingest", "train"):
        stores.pipelines.put_step_run(sample.step_run(run.id, id=StepRunId(name), step=name))
    value = (NodeKind.VALUE, "digest")
    ingest, train = (NodeKind.STEP_RUN, "ingest"), (NodeKind.STEP_RUN, "train")
    stores.lineage.add(
        [
            edge(ingest, (NodeKind.DATASET, "phases@1")),
            edge(ingest, value),
            edge(value, train),
            edge(value, (NodeKind.STEP_RUN, "removed")),
            edge(train, (NodeKind.MODEL_VERSION, "delay@3")),
            edge((NodeKind.MODEL_VERSION, "delay@3"), (NodeKind.PREDICTION, "1")),
            edge((NodeKind.DATASET, "phases@1"), (NodeKind.DATASET, "phases.quarantine@1")),
            edge((NodeKind.DATASET, "other@1"), (NodeKind.MODEL_VERSION, "other@1")),
        ]
    )
    define(stores, FeatureKind.VIEW, "history", "dataset/phases", "entity/building")
    define(stores, FeatureKind.ON_DEMAND_VIEW, "ratio", "view/history")
    define(stores, FeatureKind.SERVICE, "delay_service", "on_demand_view/ratio")
    define(stores, FeatureKind.VIEW, "weather", "dataset/weather")
    found = find_consumers(stores, "phases")
    assert found == Consumers(
        features=("delay_service", "history", "ratio"),
        pipelines=("late-phases",),
        models=("delay@3",),
        datasets=("phases.quarantine",),
    )
    assert str(found) == (
        "features delay_service, history, ratio; pipelines late-phases; models delay@3; datasets phases.quarantine"
    )


def test_dataset_that_nobody_reads_has_no_consumers(stores: Stores) -> None:
    found = find_consumers(stores, "phases")
    assert found.is_empty
    assert str(found) == "nobody that is known"


def test_long_lists_are_shortened() -> None:
    assert str(Consumers(models=tuple(f"m@{n}" for n in range(7)))) == "models m@0, m@1, m@2, m@3, m@4 and 2 more"


def test_features_of_what_was_derived_are_named(stores: Stores) -> None:
    stores.datasets.create_version(sample.dataset_version("schedules"))
    stores.lineage.add([edge((NodeKind.DATASET, "schedules@1"), (NodeKind.DATASET, "phases@1"))])
    define(stores, FeatureKind.VIEW, "history", "dataset/phases")
    found = find_consumers(stores, "schedules")
    assert (found.features, found.datasets) == (("history",), ("phases",))
