from __future__ import annotations

import pytest

PREDICTED = {"prediction": "v1", "probability": 1 / 13.5}


def test_golden_request_for_models_of_mlflow(serving, complete_row):
    """`{"input_data": {"columns": […], "index": […], "data": [[…]]}}` → the list of predictions."""
    response = serving.ask(
        "POST",
        "/score",
        b'{"input_data": {"columns": ["days", "crews", "permit", "borough", "start", "note"], "index": [1],'
        b' "data": [[12.5, 3, true, "Queens", "2026-01-31", "roof first"]]}}',
        headers={"content-type": "application/json"},
    )
    assert (response.status, response.json) == (200, [PREDICTED])
    assert serving.close()[0].features == complete_row


@pytest.mark.parametrize("name", ["input_data", "data"])
def test_rows_may_be_objects_or_lists(serving, row, name):
    response = serving.post("/score", {name: [row, list(row.values())], "params": {"outputs": ["prediction"]}})
    assert (response.status, response.json) == (200, ["v1", "v1"])


def test_liveness_probe_is_answered(serving):
    assert serving.get("/").status == 200


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"inputs": []}, 400, "Expected exactly one of 'data', 'input_data', found 'inputs'."),
        ({"data": {"columns": [], "data": []}}, 400, "Expected a list of rows"),
        ({"data": []}, 422, "at least one row"),
        ({"input_data": {"columns": ["a"]}}, 400, "Expected 'input_data' to be"),
        ({"input_data": {"data": []}}, 400, "Expected 'input_data' to hold 'columns'"),
        ({"input_data": {"columns": ["days"], "data": [["x"]]}}, 422, "expected a finite number, found the text 'x'"),
        ({"data": [[1]]}, 400, "Expected 6 values in each row"),
        ({"data": [{}], "parameters": {}}, 400, "found also 'parameters'"),
    ],
)
def test_wrong_body_is_refused_with_what_was_expected(serving, body, status, told):
    response = serving.post("/score", body)
    assert (response.status, told in response.error["message"]) == (status, True), response.error
