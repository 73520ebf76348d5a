"""POST /api/v1/features/online."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from millwright.core.records.dataset import DatasetKind
from millwright.data.features.entity import Entity, Feature
from millwright.data.features.on_demand_view import OnDemandFeatureView
from millwright.data.features.service import FeatureService
from millwright.data.features.view import FeatureView

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
PATH = "/api/v1/features/online"


@pytest.fixture
def filled(empty):
    """A workspace with a service that is online."""
    workspace = empty.workspace
    rows = pl.DataFrame({"site": ["a", "b"], "at": [NOON, NOON - timedelta(days=1)], "late": [1.5, float("nan")]})
    workspace.datasets.write(rows, "phases", kind=DatasetKind.TABLE)
    view = FeatureView(
        "history", entities=[Entity("site")], source="phases", timestamp="at", features=[Feature("late", "Float64")]
    )
    double = OnDemandFeatureView(
        "double", sources=view, request=[Feature("times", "Float64")], features=[Feature("made", "Float64")],
        transform=lambda frame: frame.select(made=pl.col("late") * pl.col("times")),
    )  # fmt: skip
    workspace.features.apply([FeatureService("delay", [view, double])])
    workspace.online.materialize()
    return empty


def ask(control, body, status=200):
    answer = control.client.post(PATH, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_service_is_read_with_status_and_freshness(filled) -> None:
    found = ask(filled, {"service": "delay", "entities": {"site": ["a", "c", "b"]}, "request": {"times": 2}})
    assert found == {
        "features": ["late", "made"],
        "values": {"late": [1.5, None, None], "made": [3.0, None, None]},
        "status": {name: ["present", "missing", "present"] for name in ("late", "made")},
        "freshness": {name: ["2026-03-29T12:00:00Z", None, "2026-03-28T12:00:00Z"] for name in ("late", "made")},
    }


def test_features_are_read_of_rows(filled) -> None:
    found = ask(filled, {"features": ["history:late"], "entities": [{"site": "a"}]})
    assert found["values"] == {"late": [1.5]}


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"entities": {"site": ["a"]}}, 422, "both or neither"),
        ({"service": "delay", "features": ["x"], "entities": {}}, 422, "both or neither"),
        ({"service": "delays", "entities": {"site": ["a"]}}, 404, "delays"),
        ({"features": ["history:lat"], "entities": {"site": ["a"]}}, 422, "no feature 'lat'"),
        ({"features": ["history"], "entities": {"sit": ["a"]}}, 422, "no column 'site'"),
        ({"features": ["history"], "entities": {"site": [7]}}, 422, "String in the key 'site'"),
        ({"features": ["history"], "entities": {"site": "a"}}, 422, "a list of values"),
        ({"service": "delay", "entities": {"site": ["a"]}}, 422, "'times' from the request"),
        ({"service": "delay", "entities": {"site": ["a"]}, "request": {"times": "x"}}, 422, "Float64 for 'times'"),
        ({"service": "delay", "entities": {"site": ["a"]}, "request": {"times": [1, 2]}}, 422, "1 values"),
        ({"features": ["history"], "entities": {"site": ["a"] * 10_001}}, 413, "10,001"),
    ],
)
def test_wrong_request_is_told_what_is_wrong(filled, body, status, said) -> None:
    assert said in ask(filled, body, status)["error"]["message"]


def test_body_that_is_none_is_refused(filled) -> None:
    assert filled.client.post(PATH, content=b"{", headers={"content-type": "application/json"}).status_code == 400
    assert filled.client.post(PATH, json={"entitys": {}}).status_code in {400, 422}
