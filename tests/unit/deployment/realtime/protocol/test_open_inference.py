from __future__ import annotations

import pytest

DATATYPES = {"days": "FP32", "crews": "INT32", "permit": "BOOL", "borough": "BYTES", "start": "BYTES", "note": "BYTES"}


def as_tensors(rows, *, nested=False):
    return [
        {
            "name": name,
            "shape": [len(rows), 1] if nested else [len(rows)],
            "datatype": datatype,
            "data": [[row[name]] if nested else row[name] for row in rows],
        }
        for name, datatype in DATATYPES.items()
    ]


@pytest.mark.parametrize(
    "path", ["/v2/models/delay/infer", "/v2/models/site/infer", "/v2/models/delay/versions/1/infer"]
)
@pytest.mark.parametrize("nested", [False, True])
def test_inference_is_answered_with_one_tensor_per_output(serving, row, path, nested):
    response = serving.post(path, {"id": "42", "inputs": as_tensors([row, row | {"days": 0}], nested=nested)})
    assert response.status == 200
    ids = response.headers["x-prediction-id"].split(",")
    assert response.json == {
        "model_name": "delay",
        "model_version": "1",
        "id": "42",
        "parameters": {"prediction_id": ids[0]},
        "outputs": [
            {"name": "prediction", "datatype": "BYTES", "shape": [2], "data": ["v1", "v1"]},
            {"name": "probability", "datatype": "FP64", "shape": [2], "data": [1 / 13.5, 1.0]},
            {"name": "prediction_id", "datatype": "BYTES", "shape": [2], "data": ids},
        ],
    }
    assert [record.features["days"] for record in serving.close()] == [12.5, 0]


def test_column_that_may_be_missing_may_be_left_out_or_hold_null(serving, row):
    tensors = [tensor for tensor in as_tensors([row]) if tensor["name"] not in ("note", "permit")]
    tensors[-1]["data"] = [None]
    response = serving.post("/v2/models/delay/infer", {"inputs": tensors})
    assert response.status == 200
    assert "id" not in response.json
    (record,) = serving.close()
    assert [record.features[name] for name in ("start", "note", "permit")] == [None, None, None]


def test_only_the_outputs_that_are_asked_for_are_answered(serving, row):
    body = {"inputs": as_tensors([row]), "outputs": [{"name": "probability"}]}
    assert [output["name"] for output in serving.post("/v2/models/delay/infer", body).json["outputs"]] == [
        "probability"
    ]


def test_keys_in_parameters_are_logged(serving, row):
    serving.post("/v2/models/delay/infer", {"inputs": as_tensors([row]), "parameters": {"keys": ["a"]}})
    assert [record.key for record in serving.close()] == ["a"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"shape": [2]}, "Expected the tensor 'days' to hold 2 values, as its shape says, found 1."),
        ({"shape": [1, 2]}, "to be of shape [n] or [n, 1], found [1, 2]"),
        ({"shape": [-1]}, "to be of shape"),
        ({"shape": []}, "to be of shape"),
        ({"datatype": "FLOAT"}, "to have a datatype of the protocol, found 'FLOAT'"),
        ({"datatype": "BYTES"}, "of datatype BYTES to hold text, found the number 12.5"),
        ({"data": None}, "to hold its 'data' as JSON, found none"),
        ({"name": "crews"}, "the tensor 'crews' to be there once, found it twice"),
        ({"shape": [2], "data": [1, 2]}, "the tensor 'crews' to have 2 values, as 'days' has, found 1"),
        ({"shape": "x"}, "Expected an Open Inference request. Expected 'array', got 'str' - at '$.inputs[0].shape'."),
    ],
)
def test_wrong_tensor_is_refused_with_what_was_expected(serving, row, change, told):
    tensors = as_tensors([row])
    tensors[0].update(change)
    response = serving.post("/v2/models/delay/infer", {"inputs": tensors})
    assert response.status == 400
    assert told in response.error["message"]


def test_wrong_value_is_told_with_row_and_column(serving, row):
    response = serving.post("/v2/models/delay/infer", {"inputs": as_tensors([row, row | {"crews": 1.5}])})
    assert response.status == 422
    assert response.error["message"] == "Row 1, column 'crews': expected an integer, found the number 1.5."


def test_missing_column_is_told(serving, row):
    response = serving.post("/v2/models/delay/infer", {"inputs": as_tensors([row])[1:]})
    assert "column 'days': expected a finite number, found nothing" in response.error["message"].lower()


def test_no_tensors_are_refused(serving):
    assert serving.post("/v2/models/delay/infer", {"inputs": []}).status == 400


def test_unknown_output_is_refused_with_the_closest(serving, row):
    body = {"inputs": as_tensors([row]), "outputs": [{"name": "probabilty"}]}
    response = serving.post("/v2/models/delay/infer", body)
    assert response.status == 422
    assert response.error["hint"] == "Did you mean 'probability'?"


def test_binary_tensors_are_refused_with_how_to_send_json(serving, row):
    body = {"inputs": as_tensors([row])}
    response = serving.post("/v2/models/delay/infer", body, {"inference-header-content-length": "10"})
    assert (response.status, "binary_data=False" in response.error["hint"]) == (415, True)
    body["outputs"] = [{"name": "probability", "parameters": {"binary_data": True}}]
    assert serving.post("/v2/models/delay/infer", body).status == 400


def test_unknown_model_and_version_are_refused_with_the_closest(serving, row):
    body = {"inputs": as_tensors([row])}
    response = serving.post("/v2/models/dealy/infer", body)
    assert (response.status, response.error["hint"]) == (404, "Did you mean 'delay'?")
    assert serving.post("/v2/models/delay/versions/9/infer", body).status == 404


def test_server_and_health_are_described(serving):
    assert serving.get("/v2").json["name"] == "millwright"
    assert serving.get("/v2/health/live").json == {"live": True}
    assert serving.get("/v2/health/ready").json == {"ready": True}
    assert serving.get("/v2/models/delay/ready").json == {"name": "delay", "ready": True}


def test_server_is_live_but_not_ready_while_it_drains(serving):
    serving.state.draining = True
    assert serving.get("/v2/health/live").status == 200
    assert serving.get("/v2/health/ready").status == 503
    assert serving.get("/v2/models/delay/ready").status == 503


@pytest.mark.parametrize("path", ["/v2/models/delay", "/v2/models/delay/versions/1"])
def test_model_is_described_by_its_tensors(serving, path):
    described = serving.get(path).json
    assert (described["name"], described["versions"], described["platform"]) == ("delay", ["1"], "millwright_stub")
    assert [(tensor["name"], tensor["datatype"], tensor["shape"]) for tensor in described["inputs"]] == [
        ("days", "FP64", [-1]),
        ("crews", "INT64", [-1]),
        ("permit", "BOOL", [-1]),
        ("borough", "BYTES", [-1]),
        ("start", "BYTES", [-1]),
        ("note", "BYTES", [-1]),
    ]
    assert [tensor["name"] for tensor in described["outputs"]] == ["prediction", "probability", "prediction_id"]
