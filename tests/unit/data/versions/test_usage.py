from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from millwright.core.ids import MaterializationId, PipelineRunId, StepRunId, new_id
from millwright.core.records.audit import LineageEdge, NodeKind
from millwright.core.records.dataset import DatasetTagRecord
from millwright.core.records.feature import (
    FeatureDefinitionRecord,
    FeatureKind,
    MaterializationRecord,
    MaterializationState,
)
from millwright.core.records.pipeline import PipelineRunStatus
from millwright.data.versions.usage import derived_from, models_of, used_versions
from millwright.testing import sample
from millwright.testing.models import model

if TYPE_CHECKING:
    from millwright.storage.catalog import Stores

D, S, V, M, P = (
    NodeKind.DATASET,
    NodeKind.STEP_RUN,
    NodeKind.VALUE,
    NodeKind.MODEL_VERSION,
    NodeKind.PREDICTION,
)


def link(stores: Stores, *nodes: tuple[NodeKind, str]) -> None:
    """A chain of edges."""
    stores.lineage.add(
        [
            LineageEdge(
                source_kind=one[0], source_id=one[1], relation="x", target_kind=two[0], target_id=two[1], at=sample.NOON
            )
            for one, two in pairwise(nodes)
        ]
    )


@pytest.fixture
def five(stores: Stores) -> Stores:
    for _ in range(5):
        stores.datasets.create_version(sample.dataset_version("a", produced_by=None))
    return stores


def test_models_are_found_through_what_was_derived(five: Stores) -> None:
    link(five, (D, "a@1"), (D, "b@1"), (S, "s"), (V, "v"), (S, "t"), (M, "delay@3"), (P, "p"))
    link(five, (D, "a@1"), (M, "delay@1"))
    assert models_of(five, "a@1") == ["delay@1", "delay@3"]
    assert derived_from(five, "a@1") == ["b@1"]
    assert used_versions(five, "a") == {1: "trained delay@1"}


def test_later_version_of_the_same_dataset_is_nothing_made_of_it(five: Stores) -> None:
    link(five, (D, "a@1"), (D, "a@2"), (M, "delay@1"))
    assert models_of(five, "a@1") == []
    assert used_versions(five, "a") == {2: "trained delay@1"}


def test_lineage_with_a_cycle_comes_to_an_end(five: Stores) -> None:
    link(five, (D, "a@1"), (V, "v"), (S, "s"), (V, "v"))
    assert models_of(five, "a@1") == []


def test_version_that_a_model_record_or_a_tag_names_is_used(five: Stores) -> None:
    five.models.create_model(model("delay"))
    five.models.create_version(sample.model_version(datasets=("a@2", "other@3")))
    five.datasets.set_tag(DatasetTagRecord(dataset="a", tag="golden", version=4, at=sample.NOON, actor="ada"))
    assert used_versions(five, "a") == {2: "trained delay@1", 4: "tagged golden"}


def test_version_that_a_feature_names_or_came_from_is_used(five: Stores) -> None:
    five.features.put(
        FeatureDefinitionRecord(
            kind=FeatureKind.SERVICE, name="late", version=0, digest=sample.digest(),
            definition={"training": {"source": "a@2"}, "not": ["aa@3", "a@34b"]}, created_at=sample.NOON, actor="ada",
        )
    )  # fmt: skip
    for source, seconds in (("a@1", 0), ("a@4", 60)):
        five.features.add_materialization(
            MaterializationRecord(
                id=MaterializationId(new_id()), view="v", view_version=1, source=source, since=None, until=sample.NOON,
                state=MaterializationState.DONE, started_at=sample.moment(seconds),
            )
        )  # fmt: skip
    assert used_versions(five, "a") == {2: "named by service late", 4: "online in v"}


def test_version_that_a_running_pipeline_works_with_is_used(five: Stores) -> None:
    for status, version, number in ((PipelineRunStatus.RUNNING, 1, 0), (PipelineRunStatus.COMPLETED, 4, 9)):
        run = sample.pipeline_run(status=status)
        five.pipelines.create_pipeline_run(run)
        cached = StepRunId(f"cached-{number}")
        step = sample.step_run(PipelineRunId(run.id), params={"x": f"a@{version + 1}"}, cached_from=cached)
        five.pipelines.put_step_run(step)
        link(five, (S, str(step.id)), (D, f"a@{version}"))
        if number == 0:
            link(five, (S, cached), (D, "a@3"))
    used = used_versions(five, "a")
    assert set(used) == {1, 2, 3}
    assert all(reason.startswith("in the running schedule_delay") for reason in used.values())
