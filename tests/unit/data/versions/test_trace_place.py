from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.records.audit import LineageEdge, NodeKind
from millwright.core.records.feature import FeatureDefinitionRecord, FeatureKind
from millwright.data.versions.erasure import Found
from millwright.data.versions.trace_place import derived_datasets, other_places
from millwright.testing import sample

if TYPE_CHECKING:
    from millwright.storage.catalog import Stores


def edge(source: tuple[NodeKind, str], target: tuple[NodeKind, str]) -> LineageEdge:
    return LineageEdge(
        source_kind=source[0], source_id=source[1], relation="x", target_kind=target[0], target_id=target[1],
        at=sample.NOON,
    )  # fmt: skip


def test_places_are_those_that_lineage_and_features_name(stores: Stores) -> None:
    for name in ("a", "a.quarantine", "late"):
        stores.datasets.create_version(sample.dataset_version(name))
    stores.lineage.add(
        [
            edge((NodeKind.SOURCE, "s3://x/a.csv#abc"), (NodeKind.DATASET, "a@1")),
            edge((NodeKind.DATASET, "a@1"), (NodeKind.DATASET, "late@1")),
            edge((NodeKind.DATASET, "a@2"), (NodeKind.DATASET, "other@1")),
            edge((NodeKind.DATASET, "late@1"), (NodeKind.VALUE, "v")),
        ]
    )
    stores.endpoints.put(sample.endpoint("live", model="delay"))
    stores.endpoints.put(sample.endpoint("else", model="other"))
    stores.features.put(
        FeatureDefinitionRecord(
            kind=FeatureKind.VIEW, name="recent", version=0, digest=sample.digest(), definition={},
            created_at=sample.NOON, actor="ada", sources=("dataset/a",),
        )
    )  # fmt: skip
    stores.features.retire(FeatureKind.VIEW, "recent")  # its rows are online still
    found = Found(dataset="a", versions={1: 2}, not_searched=(), expired=(), models=("delay@3",))
    assert derived_datasets(stores, found) == ["a.quarantine", "late"]
    assert [(place.kind, place.name) for place in other_places(stores, found, searched=["late"])] == [
        ("dataset", "a.quarantine"),
        ("source", "s3://x/a.csv"),
        ("model", "delay@3"),
        ("predictions", "live"),
        ("online", "recent"),
        ("artifact", "1 values between steps"),
    ]


def test_nothing_else_is_named_where_nothing_is_known(stores: Stores) -> None:
    found = Found(dataset="a", versions={1: 2}, not_searched=(), expired=(), models=())
    assert other_places(stores, found) == []
