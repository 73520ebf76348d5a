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


def test_nan_stands_for_null_as_mlflows_client_writes_it(serving, row):
    rows = [row | {"note": float("nan")}, row | {"days": float("nan")}]
    assert serving.post("/invocations", {"instances": rows[:1]}).status == 200
    refused = serving.post("/invocations", {"instances": rows})
    assert refused.status == 422
    assert refused.error["details"]["violations"] == [
        {"row": 1, "column": "days", "expected": "a finite number", "found": "null"}
    ]
    (record,) = serving.close()
    assert record.features["note"] is None


def test_endpoint_may_be_named_as_clients_of_mlflows_deployments_do(serving, row):
    name = serving.get("/v1/models").json["models"][0]
    found = serving.post(f"/endpoints/{name}/invocations", {"dataframe_records": [row]})
    assert found.json == serving.post("/invocations", {"dataframe_records": [row]}).json
    unknown = serving.post("/endpoints/other/invocations", {"dataframe_records": [row]})
    assert (unknown.status, unknown.error["code"]) == (404, "not_found")


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


LINE = b"12.5,3,true,Queens,2026-01-31,roof first\n"
HEADER = b"days,crews,permit,borough,start,note\n"
PREDICTED = {"prediction": "v1", "probability": 1 / 13.5}


def invoke(serving, body, content_type, accept=""):
    headers = {"content-type": content_type} | ({"accept": accept} if accept else {})
    return serving.ask("POST", "/invocations", body, headers=headers)


def test_golden_csv_request_of_mlflow(serving, complete_row):
    """`curl … -H "Content-Type: text/csv" --data-binary @table.csv`, a table as pandas writes it: with a header."""
    response = invoke(serving, HEADER + LINE, "text/csv")
    assert (response.status, response.headers["content-type"]) == (200, "application/json")
    assert response.json == {"predictions": [PREDICTED]}
    assert serving.close()[0].features == complete_row


def test_golden_csv_request_of_sagemaker(serving, complete_row):
    """`ContentType="text/csv"`, "commas separating the values for each feature"; `Accept="text/csv"` for the answer."""
    response = invoke(serving, LINE + LINE, "text/csv; charset=utf-8", "text/csv")
    assert (response.status, response.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert response.body == b"v1,0.07407407407407407\n" * 2
    assert [record.features for record in serving.close()] == [complete_row] * 2


def test_golden_json_lines_request_of_sagemaker(serving):
    """Content type `application/jsonlines`, one `{"features": […]}` per line."""
    body = b'{"features": [12.5, 3, true, "Queens", "2026-01-31", "roof first"]}\n'
    response = invoke(serving, body * 2, "application/jsonlines", "application/jsonlines")
    assert (response.status, response.headers["content-type"]) == (200, "application/jsonlines")
    assert response.body == b'{"prediction":"v1","probability":0.07407407407407407}\n' * 2


def test_golden_json_request_of_sagemaker(serving):
    """`{"instances": [{"data": {"features": {"values": dataElement}}}]}` and `{"instances": [{"features": […]}]}`."""
    values = [12.5, 3, True, "Queens", None, None]
    body = {"instances": [{"features": values}, {"data": {"features": {"values": values}}}, values]}
    response = serving.post("/invocations", body, {"accept": "application/json"})
    assert (response.status, response.json) == (200, {"predictions": [PREDICTED] * 3})


def test_json_may_be_answered_with_csv_of_chosen_columns(serving, row):
    body = {"dataframe_records": [row], "params": {"outputs": ["probability"]}}
    assert serving.post("/invocations", body, {"accept": "text/csv"}).body == b"0.07407407407407407\n"


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", "application/json"),
        ("text/html, */*;q=0.1", "application/json"),
        ("image/png", "application/json"),
        ("text/csv;q=0.5, application/json", "application/json"),
        ("application/json;q=0.5, Text/CSV", "text/csv; charset=utf-8"),
        ("text/csv;q=x", "application/json"),
        ("application/x-ndjson", "application/jsonlines"),
    ],
)
def test_answer_is_of_the_type_that_is_preferred(serving, row, accept, content_type):
    response = serving.post("/invocations", {"inputs": row}, {"accept": accept})
    assert (response.status, response.headers["content-type"]) == (200, content_type)


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (b"", 422, "at least one row"),
        (HEADER, 422, "at least one row"),
        (
            LINE + LINE.replace(b"3", b"three"),
            422,
            "Row 1, column 'crews': expected an integer, found the text 'three'",
        ),
        (LINE.replace(b"12.5", b""), 422, "Column 'days': expected a finite number, found null"),
        (LINE.replace(b"12.5", b"inf"), 422, "Column 'days': expected a finite number, found"),
        (LINE.replace(b"true", b"1"), 422, "Column 'permit': expected true or false, found the text '1'"),
        (b"id," + HEADER + b"1," + LINE, 422, "Column 'id': expected a column of the signature"),
        (b"1,2\n", 400, "Expected 6 fields in each line, one per column of the model, found 2 in row 0."),
        pytest.param(LINE * 1_001, 413, "Expected at most 1,000 rows", id="long"),
    ],
)
def test_wrong_table_is_refused_with_what_was_expected(serving, body, status, told):
    response = invoke(serving, body, "text/csv", "text/csv")
    assert (response.status, told in response.error["message"]) == (status, True), response.error


def test_other_types_are_refused_with_those_it_takes(serving):
    response = invoke(serving, b"x", "application/x-recordio-protobuf")
    assert response.status == 415
    assert {"application/json", "application/jsonlines", "text/csv"} <= set(response.error["details"]["takes"])
