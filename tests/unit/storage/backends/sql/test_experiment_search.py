from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.records.search import Comparison, Field, Kind, Order, Query
from millwright.storage.catalog import open_stores
from millwright.testing import sample

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from millwright.storage.base.experiments import ExperimentStore

METRIC = Field(kind=Kind.METRIC, key="m")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ExperimentStore]:
    stores = open_stores(
        records_url=f"sqlite:///{tmp_path}/x.db", artifacts_url="memory://a", predictions_url="memory://b"
    )
    yield stores.experiments
    stores.close()


def test_ids_are_sorted_as_numbers(store: ExperimentStore) -> None:
    for _ in range(11):
        store.create(sample.experiment())
    order = (Order(field=Field(kind=Kind.ATTRIBUTE, key="experiment_id"), ascending=False),)
    by_name = [each.name for each in store.search(Query(order=order)).items]
    assert by_name[-1] == "Default"
    assert len(by_name) == 12


@pytest.mark.parametrize(
    "query", [Query(where=Comparison(field=METRIC, op="=", value=1)), Query(order=(Order(field=METRIC),))]
)
def test_experiments_have_no_metrics(store: ExperimentStore, query: Query) -> None:
    with pytest.raises(InvalidInputError, match="metric"):
        store.search(query)
