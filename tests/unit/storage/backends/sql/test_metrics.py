from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from millwright.core.records.run import MetricPoint
from millwright.storage.catalog import open_stores
from millwright.testing import sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.storage.base.runs import RunStore

POINTS = st.lists(
    st.builds(
        MetricPoint,
        key=st.sampled_from(["a", "b"]),
        value=st.floats(),
        step=st.integers(0, 3),
        at=st.integers(0, 3).map(sample.moment),
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunStore]:
    root = tmp_path_factory.mktemp("metrics")
    stores = open_stores(records_url=f"sqlite:///{root}/x.db", artifacts_url=f"{root}", predictions_url=f"{root}")
    stores.runs.create_experiment(sample.experiment("all"))
    yield stores.runs
    stores.close()


@settings(max_examples=60, deadline=None)
@given(batches=st.lists(POINTS, max_size=4))
def test_latest_value_is_the_maximum_by_step_and_time_however_points_arrive(
    store: RunStore, batches: list[list[MetricPoint]]
) -> None:
    experiment = store.find_experiment("all")
    assert experiment is not None
    run = sample.run(experiment.id)
    store.create_run(run)
    for batch in batches:
        store.append_metrics(run.id, batch)
    expected: dict[str, MetricPoint] = {}
    for point in (point for batch in batches for point in batch):
        known = expected.get(point.key)
        if known is None or (point.step, point.at) >= (known.step, known.at):
            expected[point.key] = point
    found = store.get_run(run.id).metrics
    assert {key: repr(value + 0.0) for key, value in found.items()} == {
        key: repr(point.value + 0.0) for key, point in expected.items()
    }
    for key in expected:
        distinct = {
            (p.step, p.at, "nan" if math.isnan(p.value) else p.value + 0.0)
            for batch in batches
            for p in batch
            if p.key == key
        }
        assert len(store.list_history(run.id, key)) == len(distinct)
