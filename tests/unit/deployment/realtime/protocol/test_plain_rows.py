from __future__ import annotations


def test_bare_row_is_answered_with_one_object(serving, row):
    response = serving.post("/predict", row)
    assert response.status == 200
    assert response.json == {
        "prediction": "v1",
        "probability": 1 / 13.5,
        "prediction_id": response.headers["x-prediction-id"],
    }


def test_list_is_answered_with_a_list(serving, row):
    answered = serving.post("/predict", [row, row | {"days": 0}]).json
    assert [item["probability"] for item in answered] == [1 / 13.5, 1.0]
    assert len({item["prediction_id"] for item in answered}) == 2


def test_table_is_answered_with_predictions_and_its_keys_are_logged(serving, row):
    answered = serving.post("/predict", {"rows": [row, row], "keys": ["a", 7]}).json
    assert [item["prediction"] for item in answered["predictions"]] == ["v1", "v1"]
    assert [record.key for record in serving.close()] == ["a", "7"]


def test_wrong_keys_are_refused(serving, row):
    response = serving.post("/predict", {"rows": [row], "keys": ["a", "b"]})
    assert response.status == 422
    assert response.error["message"] == "Expected 'keys' to be a list of 1 texts, one per row, found 2 of them."


def test_empty_list_is_refused(serving):
    assert serving.post("/predict", []).status == 422


def test_too_many_rows_are_refused(make_serving, row):
    response = make_serving(max_rows=2).post("/predict", [row] * 3)
    assert (response.status, response.error["code"]) == (413, "payload_too_large")


def test_bad_rows_are_told_in_the_details(serving, row):
    response = serving.post("/predict", [row, row | {"days": "x", "crews": None}])
    assert response.status == 422
    assert response.error["details"]["violations"] == [
        {"row": 1, "column": "days", "expected": "a finite number", "found": "the text 'x'"},
        {"row": 1, "column": "crews", "expected": "an integer", "found": "null"},
    ]
    assert serving.close() == []
