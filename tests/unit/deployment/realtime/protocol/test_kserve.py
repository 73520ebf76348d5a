from __future__ import annotations

import pytest

PREDICT = "/v1/models/delay:predict"
PREDICTED = {"prediction": "v1", "probability": 1 / 13.5}


def test_golden_request_of_the_specification(serving, complete_row):
    """`Predict POST /v1/models/<model_name>:predict {"instances": []} → {"predictions": []}`."""
    response = serving.ask(
        "POST",
        PREDICT,
        b'{"instances": [[12.5, 3, true, "Queens", "2026-01-31", "roof first"], [0, 3, null, "Bronx", null, null]]}',
        headers={"content-type": "application/json"},
    )
    assert (response.status, response.headers["content-type"]) == (200, "application/json")
    assert response.json == {"predictions": [PREDICTED, {"prediction": "v1", "probability": 1.0}]}
    assert serving.close()[0].features == complete_row


@pytest.mark.parametrize("name", ["instances", "inputs"])
@pytest.mark.parametrize("model", ["delay", "site"])
def test_rows_may_be_objects_and_the_model_may_be_named_as_its_endpoint(serving, row, name, model):
    response = serving.post(f"/v1/models/{model}:predict", {name: [row]})
    assert (response.status, response.json) == (200, {"predictions": [PREDICTED]})


def test_one_chosen_output_is_answered_with_plain_values(serving, row):
    body = {"instances": [row, row], "parameters": {"outputs": ["prediction"], "keys": ["a", "b"]}}
    assert serving.post(PREDICT, body).json == {"predictions": ["v1", "v1"]}
    assert [record.key for record in serving.close()] == ["a", "b"]


def test_models_are_listed(serving):
    """`List Models GET /v1/models {"models": [<model_name>]}`."""
    assert serving.get("/v1/models").json == {"models": ["delay"]}


def test_model_is_ready_until_the_server_drains(serving):
    """`Model Ready GET /v1/models/<model_name> {"name": <model_name>, "ready": bool}`."""
    response = serving.get("/v1/models/delay")
    assert (response.status, response.json) == (200, {"name": "delay", "ready": True})
    serving.state.draining = True
    response = serving.get("/v1/models/delay")
    assert (response.status, response.json) == (503, {"name": "delay", "ready": False})


def test_unknown_model_is_refused_with_the_closest(serving, row):
    for response in (serving.get("/v1/models/dealy"), serving.post("/v1/models/dealy:predict", {"instances": [row]})):
        assert (response.status, response.error["hint"]) == (404, "Did you mean 'delay'?")


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ([], 400, "Expected an object with one of 'instances', 'inputs', found a list."),
        ({}, 400, "found none"),
        ({"instance": []}, 400, "found 'instance'"),
        ({"instances": [], "params": {}}, 400, "Expected only 'instances' and 'parameters', found also 'params'."),
        ({"instances": []}, 422, "at least one row"),
        ({"instances": 3}, 400, "Expected a list of rows {column: value}, found the number 3."),
        ({"instances": [[1, 2]]}, 400, "Expected 6 values in each row, one per column of the model, found 2 in row 0."),
        ({"instances": ["x"]}, 422, "Expected an object of column names"),
        ({"instances": [{"features": [1]}]}, 400, "found 1 in row 0"),
        ({"instances": [{"features": 1}]}, 422, "Column 'days': expected a finite number, found nothing"),
        ({"instances": [{}], "parameters": []}, 400, "Expected 'parameters' to be an object, found a list."),
        ({"instances": [{}], "parameters": {"top": 1}}, 422, "Expected the parameters 'outputs' and 'keys'"),
    ],
)
def test_wrong_body_is_refused_with_what_was_expected(serving, body, status, told):
    response = serving.post(PREDICT, body)
    assert (response.status, told in response.error["message"]) == (status, True), response.error


def test_wrong_value_is_told_with_row_and_column(serving, row):
    response = serving.post(PREDICT, {"instances": [row, [12.5, 1.5, True, "Queens", None, None]]})
    assert response.status == 422
    assert response.error["message"] == "Row 1, column 'crews': expected an integer, found the number 1.5."
    assert response.json["error"].startswith("Row 1, column 'crews'")
