"""Labels added over HTTP."""

from __future__ import annotations

import polars as pl
import pytest
from litestar.testing import TestClient

from millwright.server.app import build_app
from millwright.server.service import services_of
from millwright.workspace.workspace import Workspace

PATH = "/api/v1/endpoints/late-visit/labels"


@pytest.fixture
def client(served):
    with (
        Workspace.open(served) as workspace,
        TestClient(build_app(services_of(workspace)), base_url="http://127.0.0.1") as client,
    ):
        client.project = served
        client.workspace = workspace
        yield client


def test_labels_join_predictions_by_id_and_by_key_and_count_once(client):
    ids = client.project.joinpath("ids.txt").read_text().split()
    known = pl.read_csv(client.project / "labels.csv")["label"].to_list()
    rows = [
        {"prediction_id": ids[0], "label": known[0], "observed_at": "2026-01-31T14:00:00Z"},
        {"key": "1", "label": known[1]},
        {"key": "nobody", "label": known[1]},
        {"key": "2", "label": None},
    ]
    answer = client.post(PATH, json={"labels": rows, "source": "billing"})
    assert answer.status_code == 200, answer.text
    result = answer.json()
    assert (result["added"], result["unknown"], result["without_label"]) == (2, 1, 1)
    assert result["unknown_examples"] == ["nobody"]
    labels = {each.prediction_id: each for each in client.workspace.stores.predictions.iter_labels("late-visit")}
    assert labels[ids[0]].source == "billing"
    assert client.post(PATH, json={"labels": rows}).json()["unchanged"] == 2


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        (PATH, {"labels": [{"label": "yes"}]}, 422, "Row 1: expected a prediction_id or a key, found neither."),
        (PATH, {"labels": [{"key": "1", "label": "perhaps"}]}, 422, "classes (no, yes) as label, found 'perhaps'"),
        (PATH, {"labels": [{"key": "1", "label": "yes"}], "within": "soon"}, 422, "found 'soon'"),
        (PATH, {"labels": [{"key": "1", "label": "yes"}], "within": "1d"}, 422, "expected observed_at beside the key"),
        (PATH, {"labels": [{"key": "1", "lable": "yes"}]}, 422, "lable"),
        (PATH.replace("visit", "vist"), {"labels": []}, 404, "late-vist"),
    ],
)
def test_wrong_labels_are_refused_and_nothing_is_stored(client, path, body, status, said):
    answer = client.post(path, json=body)
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert said in error["message"]
    assert list(client.workspace.stores.predictions.iter_labels("late-visit")) == []
