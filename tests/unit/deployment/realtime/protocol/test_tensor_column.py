"""Models over arrays, asked by every contract: what each answers is what the graph answers."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import msgspec
import numpy as np
import pytest

from millwright.deployment.realtime.log_writer import LogOptions, PredictionLogWriter
from unit.deployment.realtime.tensors import IMAGES, Pictures, serve_pictures

LISTS = IMAGES.tolist()
SHAPE = [3, 2, 3, 4]
V2 = "/v2/models/delay/infer"


@pytest.fixture(scope="module")
def pictures() -> Pictures:
    return serve_pictures()


def tensor(**changes: Any) -> dict[str, Any]:
    return {"name": "image", "shape": SHAPE, "datatype": "FP32", "data": LISTS} | changes


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/predict", [{"image": image} for image in LISTS]),
        ("/predict", {"rows": [{"image": image} for image in LISTS], "keys": [1, 2, 3]}),
        ("/v1/models/delay:predict", {"instances": LISTS}),
        ("/v1/models/delay:predict", {"instances": [{"image": image} for image in LISTS]}),
        ("/v1/models/delay:predict", {"inputs": LISTS}),
        ("/vertex", {"instances": [[image] for image in LISTS], "parameters": {"outputs": ["prediction"]}}),
        ("/invocations", {"inputs": LISTS}),
        ("/invocations", {"inputs": {"image": LISTS}}),
        ("/invocations", {"instances": LISTS}),
        ("/invocations", {"instances": [{"features": image} for image in LISTS]}),
        ("/invocations", {"dataframe_records": [{"image": image} for image in LISTS]}),
        ("/score", {"data": LISTS}),
        ("/score", {"input_data": [{"image": image} for image in LISTS]}),
    ],
)
def test_nested_lists_are_taken_by_every_contract_of_rows(pictures, path, body):
    answer = pictures.serving.post(path, body)
    assert answer.status == 200, answer.body
    found = answer.json if isinstance(answer.json, list) else answer.json["predictions"]
    found = [row["prediction"] if isinstance(row, dict) else row for row in found]
    np.testing.assert_allclose(found, pictures.expected, rtol=1e-6)


def test_one_row_and_json_lines(pictures):
    one = pictures.serving.post("/predict", {"image": LISTS[0]})
    np.testing.assert_allclose(one.json["prediction"], pictures.expected[0], rtol=1e-6)
    column = pictures.serving.post("/invocations", {"inputs": {"image": LISTS[0]}})
    np.testing.assert_allclose(column.json["predictions"], pictures.expected[:1], rtol=1e-6)
    lines = b"\n".join(json.dumps({"features": image}).encode() for image in LISTS)
    headers = {"content-type": "application/jsonlines", "accept": "text/csv"}
    answer = pictures.serving.ask("POST", "/invocations", lines, headers=headers)
    assert answer.headers["content-type"] == "application/json"  # a line of CSV has no room for an array
    np.testing.assert_allclose(answer.json["predictions"], pictures.expected, rtol=1e-6)


@pytest.mark.parametrize("data", [LISTS, IMAGES.reshape(-1).tolist()], ids=["nested", "flat"])
def test_open_inference_takes_nested_and_flat_data(pictures, data):
    answer = pictures.serving.post(V2, {"inputs": [tensor(data=data)]})
    output = answer.json["outputs"][0]
    assert (output["name"], output["datatype"], output["shape"]) == ("prediction", "FP32", [3, 5])
    np.testing.assert_allclose(np.reshape(output["data"], (3, 5)), pictures.expected, rtol=1e-6)


@pytest.mark.parametrize(("datatype", "dtype"), [("FP32", "<f4"), ("FP64", "<f8"), ("FP16", "<f2")])
def test_open_inference_takes_and_gives_binary_data(pictures, datatype, dtype):
    data = IMAGES.astype(dtype).tobytes()
    given = {"name": "image", "shape": SHAPE, "datatype": datatype, "parameters": {"binary_data_size": len(data)}}
    head = json.dumps({"inputs": [given], "parameters": {"binary_data_output": True}}).encode()
    length = {"inference-header-content-length": str(len(head)), "content-type": "application/octet-stream"}
    answer = pictures.serving.ask("POST", V2, head + data, headers=length)
    assert answer.status == 200, answer.body
    end = int(answer.headers["inference-header-content-length"])
    output = json.loads(answer.body[:end])["outputs"][0]
    size = output["parameters"]["binary_data_size"]
    found = np.frombuffer(answer.body[end : end + size], "<f4").reshape(output["shape"])
    np.testing.assert_allclose(found, pictures.expected, rtol=1e-6 if datatype != "FP16" else 1e-2, atol=1e-2)


def test_wrong_shapes_name_column_row_expected_and_found(pictures):
    for path, body in (
        ("/predict", [{"image": LISTS[0]}, {"image": LISTS[1][:1]}]),
        ("/v1/models/delay:predict", {"instances": [LISTS[0], LISTS[1][:1]]}),
    ):
        answer = pictures.serving.post(path, body)
        assert answer.status == 422
        assert answer.error["details"]["violations"] == [
            {
                "row": 1,
                "column": "image",
                "expected": "a tensor of shape [2, 3, 4] of finite float32",
                "found": "a tensor of shape [1, 3, 4]",
            }
        ]
    answer = pictures.serving.post(V2, {"inputs": [tensor(shape=[3, 2, 4, 3])]})
    assert answer.error["details"]["rows"] == [0, 1, 2]
    assert "found a tensor of shape [2, 4, 3]" in answer.error["message"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"shape": [3, 2, 3, 5]}, "to hold 90 values, as its shape says, found 72"),
        ({"shape": [3, 0, 3, 4], "data": []}, "to have a shape of positive dimensions"),
        ({"shape": [], "data": []}, "to have a shape of positive dimensions"),
        ({"shape": [10**12, 0], "data": []}, "to have a shape of positive dimensions"),
        ({"datatype": "BYTES"}, "to have a datatype of numbers"),
        ({"data": [[1], [1, 2]]}, "to hold lists of equal lengths"),
        ({"data": ["x"] * 72}, "to hold numbers"),
        ({"data": None}, "to hold its 'data' as JSON"),
    ],
)
def test_tensors_that_contradict_themselves_are_refused(pictures, changes, told):
    answer = pictures.serving.post(V2, {"inputs": [tensor(**changes)]})
    assert answer.status == 400
    assert told in answer.error["message"]


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("/invocations", b"1,2,3\n", "text/csv"),
        ("/invocations", b'{"dataframe_split": {"columns": ["image"], "data": [[[1]]]}}', "application/json"),
        ("/score", b'{"input_data": {"columns": ["image"], "data": [[[1]]]}}', "application/json"),
    ],
)
def test_tables_say_which_contracts_take_tensors(pictures, path, body, kind):
    answer = pictures.serving.ask("POST", path, body, headers={"content-type": kind})
    assert answer.status == 422
    assert "Expected tensors of shape [2, 3, 4] in column 'image'" in answer.error["message"]
    assert all(each in answer.error["hint"] for each in ("Open Inference", "instances", "inputs", "/predict"))


def test_metadata_and_the_document_show_shapes(pictures):
    metadata = pictures.serving.get("/v2/models/delay").json
    (image,), (answer, _) = metadata["inputs"], metadata["outputs"]
    assert (image["shape"], image["datatype"]) == ([-1, 2, 3, 4], "FP32")
    assert (answer["shape"], answer["datatype"]) == ([-1, 5], "FP32")
    assert pictures.serving.get("/v2/models/delay/config").json["input"][0]["dims"] == [-1, 2, 3, 4]
    schemas = pictures.serving.get("/openapi.json").json["components"]["schemas"]
    row = schemas["Row"]
    jsonschema.validate({"image": LISTS[0]}, row)
    jsonschema.validate(row["example"], row)
    for wrong in ({"image": LISTS[0][:1]}, {"image": [[["x"]]]}, {}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, row)
    assert schemas["Prediction"]["properties"]["prediction"]["maxItems"] == 5


def test_page_has_a_field_for_nested_lists(pictures):
    page = pictures.serving.get("/").body.decode()
    assert '<textarea data-column="image" data-type=tensor' in page
    assert "tensor [2, 3, 4] float32" in page


def test_log_keeps_small_arrays_as_lists(sink):
    log = PredictionLogWriter(sink, LogOptions(flush_s=0.05))
    log.start()
    pictures = serve_pictures(log=log, sink=sink)
    assert pictures.serving.post("/v1/models/delay:predict", {"instances": LISTS}).status == 200
    assert log.close(5)
    records = sink.records
    np.testing.assert_allclose([record.features["image"] for record in records], IMAGES)
    np.testing.assert_allclose([record.outputs["prediction"] for record in records], pictures.expected, rtol=1e-6)


def test_explanations_of_classes_are_told_and_of_arrays_refused(pictures):
    answer = pictures.serving.post("/predict?explain=true", {"image": LISTS[0]})
    assert 400 <= answer.status < 500


def test_classes_of_pictures_are_answered_as_ever():
    names = ("a", "b", "c", "d", "e")
    pictures = serve_pictures(last="Softmax", classes=names)
    answer = pictures.serving.post("/v1/models/delay:predict", {"instances": LISTS}).json["predictions"]
    assert [row["prediction"] for row in answer] == [names[index] for index in pictures.expected.argmax(axis=1)]
    assert msgspec.json.encode(answer)
