from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from millwright.core.records.run import MetricPoint
from millwright.storage.catalog import Stores, open_stores
from millwright.testing import sample

if TYPE_CHECKING:
    from collections.abc import Iterator


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
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    root = tmp_path_factory.mktemp("metrics")
    stores = open_stores(records_url=f"sqlite:///{root}/x.db", artifacts_url=f"{root}", predictions_url=f"{root}")
    stores.experiments.create(sample.experiment("all"))
    yield stores
    stores.close()


def rank(point: MetricPoint) -> tuple[object, ...]:
    return point.step, point.at, 0.0 if math.isnan(point.value) else point.value, math.isnan(point.value)


@settings(max_examples=60, deadline=None)
@given(batches=st.lists(POINTS, max_size=4))
def test_latest_value_is_the_maximum_by_step_time_and_value_however_points_arrive(
    store: Stores, batches: list[list[MetricPoint]]
) -> None:
    experiment = store.experiments.find("all")
    assert experiment is not None
    run = sample.run(experiment.id)
    store.runs.create_run(run)
    for batch in batches:
        store.runs.append_metrics(run.id, batch)
    expected: dict[str, MetricPoint] = {}
    for point in (point for batch in batches for point in batch):
        known = expected.get(point.key)
        if known is None or rank(point) > rank(known):
            expected[point.key] = point
    found = store.runs.get_run(run.id).metrics
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
        assert len(store.runs.list_history(run.id, key)) == len(distinct)
        summary = next(each for each in store.metrics.summaries(run.id) if each.key == key)
        assert summary.count == len(distinct)
        values = [value for _, _, value in distinct if value != "nan"]
        assert (summary.minimum, summary.maximum) == ((min(values), max(values)) if values else (None, None))
