"""Searches by metrics and datasets; the rest is in the conformance suite."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.ids import ExperimentId, RunId
from millwright.core.records.logged_model import LoggedModelOrder, LoggedModelQuery, MeasuredOn
from millwright.core.records.run import MetricPoint, RunRecord, RunStatus
from millwright.core.records.search import Comparison, Field, Kind
from millwright.storage.backends.sql.logged_model_search import next_token, offset_of
from millwright.storage.catalog import open_stores
from millwright.testing import sample
from millwright.testing.logged_models import logged_model

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from millwright.storage.catalog import Stores

RMSE = Field(kind=Kind.METRIC, key="rmse")
EXPERIMENTS = (ExperimentId("0"),)


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    """Models a, b, c; b was measured twice, and once on another dataset; c never."""
    opened = open_stores(
        records_url=f"sqlite:///{tmp_path}/x.db", artifacts_url="memory://x", predictions_url="memory://x"
    )
    for name in "abc":
        opened.logged_models.create(logged_model(id=name, experiment_id=ExperimentId("0")))
    run = RunRecord(
        id=RunId("r"), experiment_id=ExperimentId("0"), name="r", status=RunStatus.RUNNING, started_at=sample.NOON
    )
    opened.runs.create_run(run)
    for model_id, value, step, dataset in (("a", 2.0, 0, "d"), ("b", 1.0, 0, "d"), ("b", 3.0, 1, "e")):
        point = MetricPoint(
            key="rmse",
            value=value,
            step=step,
            at=sample.moment(step),
            model_id=model_id,
            dataset_name=dataset,
            dataset_digest=f"{dataset}1",
        )
        opened.runs.append_metrics(run.id, [point])
    yield opened
    opened.close()


def found(stores: Stores, **query: object) -> str:
    page = stores.logged_models.search(LoggedModelQuery(experiment_ids=EXPERIMENTS, **query))  # type: ignore[arg-type]
    return "".join(record.id for record in page.items)


def below(value: float) -> Comparison:
    return Comparison(field=RMSE, op="<", value=value)


def test_any_point_of_a_metric_may_fit(stores: Stores) -> None:
    assert found(stores, where=below(1.5)) == "b"
    assert found(stores, where=below(9)) == "ab"
    assert found(stores, where=below(0)) == ""


def test_datasets_limit_the_points_or_else_the_models(stores: Stores) -> None:
    on_e = (MeasuredOn(name="e"),)
    assert found(stores, where=below(1.5), datasets=on_e) == ""
    assert found(stores, where=below(9), datasets=on_e) == "b"
    assert found(stores, datasets=on_e) == "b"
    assert found(stores, datasets=(MeasuredOn(name="d", digest="d1"),)) == "ab"
    assert found(stores, datasets=(MeasuredOn(name="d", digest="other"),)) == ""
    assert found(stores, datasets=(MeasuredOn(name="d", digest="other"), *on_e)) == "b"


def test_order_goes_by_the_latest_point_with_what_was_never_measured_last(stores: Stores) -> None:
    assert found(stores, order=(LoggedModelOrder(field=RMSE),)) == "abc"
    assert found(stores, order=(LoggedModelOrder(field=RMSE, ascending=False),)) == "bac"
    on_d = MeasuredOn(name="d", digest="d1")
    assert found(stores, order=(LoggedModelOrder(field=RMSE, dataset=on_d),)) == "bac"


def test_token_fits_only_its_own_search() -> None:
    query = LoggedModelQuery(experiment_ids=EXPERIMENTS)
    token = next_token(query, 100)
    assert offset_of(LoggedModelQuery(experiment_ids=EXPERIMENTS, after=token)) == 100
    with pytest.raises(InvalidInputError, match="page token"):
        offset_of(LoggedModelQuery(experiment_ids=EXPERIMENTS, after=token, where=below(1)))
