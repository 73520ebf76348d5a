from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.records.search import Comparison, Field, Kind, Order, Query
from millwright.storage.catalog import open_stores
from millwright.testing import sample
from millwright.testing.evaluations import evaluation_dataset

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from millwright.storage.base.evaluations import EvaluationStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EvaluationStore]:
    stores = open_stores(
        records_url=f"sqlite:///{tmp_path}/x.db", artifacts_url="memory://a", predictions_url="memory://b"
    )
    yield stores.evaluations
    stores.close()


def test_times_are_sorted_by_the_millisecond_and_then_by_id(store: EvaluationStore) -> None:
    for dataset_id, seconds in (("a", 0.0002), ("b", 0.0001), ("c", -1)):
        store.create_dataset(evaluation_dataset(id=dataset_id, created_at=sample.moment(seconds)))
    assert [record.id for record in store.search_datasets(Query()).items] == ["b", "a", "c"]


def test_tag_that_is_not_there_can_be_asked_for(store: EvaluationStore) -> None:
    store.create_dataset(evaluation_dataset(id="a", tags={"t": "1"}))
    store.create_dataset(evaluation_dataset(id="b"))
    tag = Field(kind=Kind.TAG, key="t")
    for op, expected in (("IS NULL", "b"), ("IS NOT NULL", "a")):
        found = store.search_datasets(Query(where=Comparison(field=tag, op=op))).items
        assert [record.id for record in found] == [expected]


def test_token_fits_only_its_own_search(store: EvaluationStore) -> None:
    for _ in range(3):
        store.create_dataset(evaluation_dataset(project="mine"))
    token = store.search_datasets(Query(limit=1), projects=["mine"]).next_token
    assert store.search_datasets(Query(limit=5, after=token), projects=["mine"]).items
    for more in ({"projects": ["mine", "other"]}, {"projects": None}, {"projects": ["mine"], "experiment_ids": ["0"]}):
        with pytest.raises(InvalidInputError, match="page token"):
            store.search_datasets(Query(limit=1, after=token), **more)


def test_order_by_another_attribute_names_the_nearest(store: EvaluationStore) -> None:
    order = Order(field=Field(kind=Kind.ATTRIBUTE, key="create_time"))
    with pytest.raises(InvalidInputError, match="created_time"):
        store.search_datasets(replace(Query(), order=(order,)))
