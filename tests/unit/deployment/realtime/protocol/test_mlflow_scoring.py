from __future__ import annotations

import pytest

from millwright.version import __version__


def as_split(row):
    return {"dataframe_split": {"columns": list(row), "index": [0], "data": [list(row.values())]}}


SHAPES = {
    "dataframe_split": as_split,
    "dataframe_records": lambda row: {"dataframe_records": [row]},
    "instances": lambda row: {"instances": [row]},
    "inputs as rows": lambda row: {"inputs": [row]},
    "inputs as one row": lambda row: {"inputs": row},
    "inputs as columns": lambda row: {"inputs": {name: [value] for name, value in row.items()}},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_is_answered_alike(serving, row, shape):
    response = serving.post("/invocations", SHAPES[shape](row))
    assert response.status == 200
    assert response.json == {"predictions": [{"prediction": "v1", "probability": 1 / 13.5}]}
    (record,) = serving.close()
    assert record.features == row


def test_one_chosen_output_is_answered_with_plain_values(serving, row):
    body = {"inputs": [row, row], "params": {"outputs": ["probability"]}}
    assert serving.post("/invocations", body).json == {"predictions": [1 / 13.5, 1 / 13.5]}


def test_several_columns_of_several_rows_keep_their_order(serving, row):
    body = {"inputs": {name: [value, value] for name, value in row.items()} | {"days": [0, 1]}}
    answered = serving.post("/invocations", body).json["predictions"]
    assert [item["probability"] for item in answered] == [1.0, 0.5]


def test_keys_in_params_are_logged(serving, row):
    serving.post("/invocations", {"instances": [row], "params": {"keys": ["a"]}})
    assert [record.key for record in serving.close()] == ["a"]


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ([], 400, "Expected an object with one of 'dataframe_split'"),
        ({}, 400, "found none"),
        ({"input": []}, 400, "found 'input'"),
        ({"inputs": [], "instances": []}, 400, "found 'instances', 'inputs'"),
        ({"inputs": [], "parms": {}}, 400, "found also 'parms'"),
        ({"inputs": []}, 422, "at least one row"),
        ({"inputs": 3}, 400, "Expected a list of rows {column: value}, found the number 3."),
        ({"inputs": [1]}, 422, "Expected an object of column names"),
        ({"inputs": {"days": [1, 2], "crews": [1]}}, 400, "Expected 2 values in each column, as in 'days', found 1"),
        ({"inputs": {"days": [1], "crews": 1}}, 400, "found the number 1 in 'crews'"),
        ({"instances": {"days": [1]}}, 400, "Expected a list of rows"),
        ({"dataframe_split": [1]}, 400, "found a list"),
        ({"dataframe_split": {"data": [[1]]}}, 400, "'columns'"),
        ({"dataframe_split": {"columns": ["days"]}}, 400, "no list 'data'"),
        ({"dataframe_split": {"columns": ["days", "days"], "data": [[1, 1]]}}, 400, "twice"),
        ({"dataframe_split": {"columns": ["days"], "data": [[1], [1, 2]]}}, 400, "found 2 in row 1"),
        ({"inputs": [{}], "params": {"output": 1}}, 422, "found 'output'"),
        ({"inputs": [{}], "params": {"outputs": ["x"]}}, 422, "found the text 'x'"),
        ({"inputs": [{}], "params": {"outputs": 1}}, 400, "list of output columns"),
        ({"inputs": [{}], "params": 1}, 400, "'params' to be an object"),
    ],
)
def test_wrong_body_is_refused_with_what_was_expected(serving, body, status, told):
    response = serving.post("/invocations", body)
    assert response.status == status
    assert told in response.error["message"]


@pytest.mark.parametrize("path", ["/ping", "/health"])
def test_probe_is_well_until_the_server_drains(serving, path):
    assert serving.get(path).status == 200
    serving.state.draining = True
    assert serving.get(path).status == 503


def test_version_is_text(serving):
    response = serving.get("/version")
    assert (response.body.decode(), response.headers["content-type"]) == (__version__, "text/plain; charset=utf-8")
