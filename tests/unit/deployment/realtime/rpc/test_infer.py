from __future__ import annotations

import math

import pytest

from millwright.core.errors import InvalidInputError, MalformedRequestError, PayloadTooLargeError
from millwright.deployment.realtime.call import Call
from millwright.deployment.realtime.contract import Ask
from millwright.deployment.realtime.prediction import Prediction
from millwright.deployment.realtime.rpc.infer import parameters_of, read_infer, write_infer
from millwright.deployment.realtime.rpc.message import ModelInferRequest, ModelInferResponse
from unit.deployment.realtime.rpc.conftest import infer_request, outputs_of

COLUMNS = {"days": [3.0], "crews": [1], "permit": [True], "borough": ["Queens"], "note": ["\u00e9"]}


@pytest.fixture
def call(make_serving):
    serving = make_serving(log=False, max_rows=3)
    slot = serving.slot
    return Call(
        serving.state,
        slot,
        slot.lineup.primary,
        body=b"",
        headers=(),
        query=b"",
        request_id="r",
    )


@pytest.mark.parametrize("raw", [True, False])
def test_columns_become_rows(call, raw):
    ask = read_infer(infer_request({**COLUMNS, "days": [math.nan]}, raw=raw), call)
    assert ask.rows == [{"days": None, "crews": 1, "permit": True, "borough": "Queens", "note": "\u00e9"}]
    assert ask.shape == ("", ("prediction", "probability", "prediction_id"), raw)


@pytest.mark.parametrize("shape", [[2, 6], [2]])
def test_one_tensor_stands_for_all_columns(call, shape):
    request = ModelInferRequest()
    tensor = request.inputs.add(name="x", datatype="FP32", shape=shape)
    tensor.contents.fp32_contents.extend(range(12))
    if len(shape) == 1:
        with pytest.raises(MalformedRequestError, match="to hold 2 values, as its shape says, found 12"):
            read_infer(request, call)
        return
    assert read_infer(request, call).rows[1] == dict(zip(call.served.input_names, range(6, 12), strict=True))


@pytest.mark.parametrize(
    ("datatype", "field", "value", "found"),
    [
        ("BOOL", "bool_contents", True, True),
        ("INT8", "int_contents", -3, -3),
        ("INT64", "int64_contents", 2**40, 2**40),
        ("UINT16", "uint_contents", 3, 3),
        ("UINT64", "uint64_contents", 2**63, 2**63),
        ("FP32", "fp32_contents", 0.5, 0.5),
        ("FP64", "fp64_contents", 0.1, 0.1),
        ("BYTES", "bytes_contents", b"a", "a"),
    ],
)
def test_each_datatype_has_its_field(call, datatype, field, value, found):
    request = ModelInferRequest()
    tensor = request.inputs.add(name="days", datatype=datatype, shape=[1, 1])
    getattr(tensor.contents, field).append(value)
    (row,) = read_infer(request, call).rows
    assert row == {"days": found}
    assert type(row["days"]) is type(found)


def with_tensor(**fields):
    contents = fields.pop("contents", {})
    request = ModelInferRequest()
    tensor = request.inputs.add(**{"name": "days", "datatype": "FP64", "shape": [1], **fields})
    for name, values in contents.items():
        getattr(tensor.contents, name).extend(values)
    return request


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (with_tensor(contents={"fp32_contents": [1]}), "to hold its values in 'fp64_contents', found 'fp32_contents'"),
        (with_tensor(contents={"fp64_contents": [1], "int_contents": [1]}), "in 'fp64_contents', found 'int_contents'"),
        (with_tensor(contents={"fp64_contents": [math.inf]}), "to hold finite numbers, found inf in element 0"),
        (with_tensor(datatype="FP16"), "of datatype FP16 to come in 'raw_input_contents'"),
        (with_tensor(datatype="FP46"), "a datatype of the protocol, found 'FP46'. Did you mean"),
        (with_tensor(), "to hold 1 values, as its shape says, found 0"),
        (with_tensor(shape=[-1]), "to be of shape"),
        (with_tensor(datatype="BYTES", contents={"bytes_contents": [b"a", b"\xff"]}), "other bytes in element 1"),
        (ModelInferRequest(), "one tensor per column in 'inputs', found none"),
        (ModelInferRequest(raw_input_contents=[b""]), "to hold 0 elements, one per tensor, found 1"),
    ],
)
def test_what_does_not_fit_together_is_refused(call, request_, told):
    with pytest.raises(MalformedRequestError) as caught:
        read_infer(request_, call)
    assert told in str(caught.value)


def test_both_forms_at_once_are_refused(call):
    request = infer_request(COLUMNS, raw=True)
    request.inputs[1].contents.int64_contents.append(1)
    with pytest.raises(MalformedRequestError, match="'contents' or 'raw_input_contents', found both"):
        read_infer(request, call)


def test_rows_beyond_the_limit_and_none_are_refused(call):
    with pytest.raises(PayloadTooLargeError):
        read_infer(infer_request({"days": [1.0] * 4}), call)
    with pytest.raises(InvalidInputError, match="at least one row"):
        read_infer(infer_request({"days": []}), call)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"string_param": '["a", 2]'}, ["a", 2]),
        ({"string_param": "flower-7"}, ["flower-7"]),
        ({"int64_param": 7}, [7]),
        ({"bool_param": True}, [True]),  # for the check of keys to refuse
        ({}, [None]),
    ],
)
def test_keys_come_as_text(call, given, found):
    request = infer_request(COLUMNS)
    parameter = request.parameters["keys"]
    for name, value in given.items():
        setattr(parameter, name, value)
    assert read_infer(request, call).keys == found
    assert read_infer(infer_request(COLUMNS), call).keys is None


def test_keys_that_are_no_json_are_refused(call):
    request = infer_request(COLUMNS)
    request.parameters["keys"].string_param = "[1,"
    with pytest.raises(MalformedRequestError, match="Expected JSON"):
        read_infer(request, call)


def test_outputs_are_chosen(call):
    request = infer_request(COLUMNS)
    request.outputs.add(name="probability")
    assert read_infer(request, call).shape[1] == ("probability",)
    request.outputs.add(name="probabilty")
    with pytest.raises(InvalidInputError, match="Did you mean 'probability'"):
        read_infer(request, call)


def test_classification_is_refused(call):
    request = infer_request(COLUMNS)
    request.outputs.add(name="probability").parameters["classification"].int64_param = 3
    with pytest.raises(MalformedRequestError, match="classification"):
        read_infer(request, call)


def test_parameters_are_plain_values():
    request = ModelInferRequest()
    request.parameters["a"].double_param = 0.5
    request.parameters["b"].uint64_param = 2**63
    request.parameters["c"].SetInParent()
    assert parameters_of(request.parameters) == {"a": 0.5, "b": 2**63, "c": None}


def answered(call, values, *, raw):
    outputs = [{"prediction": "v1", "probability": value} for value in values]
    prediction = Prediction(call.served, outputs, [f"id-{number}" for number in range(len(values))])
    ask = Ask([], shape=("7", ("probability", "prediction_id"), raw))
    answer = write_infer(call, ask, prediction)
    assert answer.prediction is prediction
    return ModelInferResponse.FromString(answer.body)


@pytest.mark.parametrize("raw", [True, False])
def test_null_is_answered_as_nan(call, raw):
    response = answered(call, [0.5, None], raw=raw)
    found = outputs_of(response)
    assert found["prediction_id"] == ["id-0", "id-1"]
    assert found["probability"][0] == 0.5
    assert math.isnan(found["probability"][1])
    assert (response.id, [tensor.name for tensor in response.outputs]) == ("7", ["probability", "prediction_id"])


@pytest.mark.parametrize("raw", [True, False])
def test_null_in_text_is_refused(call, raw):
    prediction = Prediction(call.served, [{"prediction": None, "probability": 0.5}], ["id"])
    with pytest.raises(MalformedRequestError, match="without nulls in the output 'prediction'"):
        write_infer(call, Ask([], shape=("", ("prediction",), raw)), prediction)
