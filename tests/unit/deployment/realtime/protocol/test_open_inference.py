from __future__ import annotations

import json
import struct

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


def as_binary(rows):
    """The same tensors with their data after the JSON, as struct and the specification have it."""
    forms = {"FP32": "<f", "INT32": "<i", "BOOL": "?"}
    tensors, blobs = as_tensors(rows), []
    for tensor in tensors:
        values, form = tensor.pop("data"), forms.get(tensor["datatype"])
        if form:
            blob = b"".join(struct.pack(form, value) for value in values)
        else:
            blob = b"".join(struct.pack("<I", len(value.encode())) + value.encode() for value in values)
        tensor["parameters"] = {"binary_data_size": len(blob)}
        blobs.append(blob)
    return tensors, b"".join(blobs)


def infer(serving, head, tail=b"", headers=None):
    body = json.dumps(head).encode()
    given = {"content-type": "application/octet-stream", "inference-header-content-length": str(len(body))}
    return serving.ask("POST", "/v2/models/delay/infer", body + tail, headers=given | (headers or {}))


def test_golden_binary_request_of_the_extension(serving, row):
    """Binary inputs after the JSON; `binary_data_output` asks for all outputs so, `binary_data` overrides it."""
    tensors, tail = as_binary([row, row | {"days": 0.0, "note": ""}])
    head = {
        "inputs": tensors,
        "parameters": {"binary_data_output": True},
        "outputs": [
            {"name": "prediction"},
            {"name": "probability", "parameters": {"binary_data": True}},
            {"name": "prediction_id", "parameters": {"binary_data": False}},
        ],
    }
    response = infer(serving, head, tail)
    assert (response.status, response.headers["content-type"]) == (200, "application/octet-stream")
    length = int(response.headers["inference-header-content-length"])
    ids = response.headers["x-prediction-id"].split(",")
    assert json.loads(response.body[:length])["outputs"] == [
        {"name": "prediction", "datatype": "BYTES", "shape": [2], "parameters": {"binary_data_size": 12}},
        {"name": "probability", "datatype": "FP64", "shape": [2], "parameters": {"binary_data_size": 16}},
        {"name": "prediction_id", "datatype": "BYTES", "shape": [2], "data": ids},
    ]
    assert response.body[length:] == b"\2\0\0\0v1\2\0\0\0v1" + struct.pack("<dd", 1 / 13.5, 1.0)
    assert [record.features for record in serving.close()] == [row, row | {"days": 0.0, "note": ""}]


def test_answer_is_json_unless_binary_is_asked_for(serving, row):
    tensors, tail = as_binary([row])
    response = infer(serving, {"inputs": tensors}, tail)
    assert (response.status, response.headers["content-type"]) == (200, "application/json")
    assert [len(output["data"]) for output in response.json["outputs"]] == [1, 1, 1]


def test_binary_and_json_tensors_may_stand_together(serving, row):
    tensors = as_tensors([row])
    tensors[0] = {"name": "days", "shape": [1], "datatype": "FP64", "parameters": {"binary_data_size": 8}}
    assert infer(serving, {"inputs": tensors}, struct.pack("<d", 12.5)).status == 200


def test_nan_is_null_in_binary(serving, row):
    tensors = as_tensors([row])
    tensors[0] = {"name": "days", "shape": [1], "datatype": "FP64", "parameters": {"binary_data_size": 8}}
    response = infer(serving, {"inputs": tensors}, struct.pack("<d", float("nan")))
    assert response.error["message"] == "Column 'days': expected a finite number, found null."


@pytest.mark.parametrize(
    ("change", "tail", "told"),
    [
        ({"parameters": {"binary_data_size": 8}}, b"1234", "'days' to be followed by 8 bytes of data, found 4"),
        ({"parameters": {"binary_data_size": 4}}, b"1234", "'days' to hold 8 bytes, as its shape and datatype say"),
        ({"parameters": {"binary_data_size": 8}}, b"x" * 9, "Expected 8 bytes after the JSON, as 'binary_data_size'"),
        ({"parameters": {"binary_data_size": -1}}, b"", "to have a number of bytes as 'binary_data_size', found"),
        ({"parameters": {"binary_data_size": True}}, b"", "to have a number of bytes as 'binary_data_size', found"),
        ({"parameters": {"binary_data_size": 8}, "data": [1]}, b"x" * 8, "either 'data' or 'binary_data_size'"),
        ({"parameters": {}}, b"", "to hold its 'data' as JSON, found none"),
        ({"shape": [1, 1, 1], "parameters": {"binary_data_size": 0}}, b"", "to be of shape [n] or [n, 1]"),
        ({"shape": [2**63], "parameters": {"binary_data_size": 0}}, b"", "Expected an Open Inference request"),
        ({"datatype": "FLOAT", "parameters": {"binary_data_size": 0}}, b"", "to have a datatype of the protocol"),
    ],
)
def test_wrong_binary_data_is_refused_with_what_was_expected(serving, row, change, tail, told):
    tensors = as_tensors([row])
    tensors[0] = {"name": "days", "shape": [1], "datatype": "FP64", **change}
    response = infer(serving, {"inputs": tensors}, tail)
    assert (response.status, told in response.error["message"]) == (400, True), response.error


@pytest.mark.parametrize("length", ["x", "-1", "9" * 30, "1000000"])
def test_wrong_length_of_the_json_is_refused(serving, row, length):
    response = infer(serving, {"inputs": as_tensors([row])}, headers={"inference-header-content-length": length})
    assert (response.status, "Inference-Header-Content-Length" in response.error["message"]) == (400, True)


def test_binary_data_without_the_length_of_the_json_is_refused(serving, row):
    tensors, _ = as_binary([row])
    response = serving.post("/v2/models/delay/infer", {"inputs": tensors})
    assert "to come with the header Inference-Header-Content-Length" in response.error["message"]


def test_classification_is_refused_with_what_to_read_instead(serving, row):
    body = {"inputs": as_tensors([row]), "outputs": [{"name": "prediction", "parameters": {"classification": 2}}]}
    response = serving.post("/v2/models/delay/infer", body)
    assert (response.status, "probability" in response.error["hint"]) == (400, True)


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
