from __future__ import annotations

import json
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import httpx
import pytest

from millwright.deployment.realtime.arm import Arm, LineUp
from millwright.deployment.realtime.rpc.message import MESSAGES, ModelStreamInferResponse
from millwright.deployment.realtime.traffic.chooser import WeightedChooser
from millwright.deployment.realtime.traffic.samples import OutputSamples
from unit.deployment.realtime.rpc.conftest import infer_request, outputs_of, running

COLUMNS = {"days": [3.0, 7.0], "crews": [1, 2], "borough": ["Queens", "Bronx"]}
INFER = "/inference.GRPCInferenceService/ModelInfer"


def by_http(calling, columns):
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    answer = httpx.post(f"{calling.url}/predict", json=rows)
    return {name: [row[name] for row in answer.json()] for name in ("prediction", "probability")}


@pytest.mark.parametrize("raw", [True, False])
def test_inference_predicts_as_http_does(calling, raw):
    told = calling.call("ModelInfer", infer_request(COLUMNS, raw=raw, id="7"))
    found = outputs_of(told.message)
    ids = found.pop("prediction_id")
    assert found == by_http(calling, COLUMNS)
    assert (told.message.model_name, told.message.model_version, told.message.id) == ("delay", "1", "7")
    assert bool(told.message.raw_output_contents) == raw
    assert told.message.parameters["prediction_id"].string_param == ids[0]
    assert told.metadata["x-model-version"] == "delay@1"
    assert told.metadata["x-prediction-id"] == ",".join(ids)


def test_predictions_are_logged_with_the_callers_ids(calling):
    request = infer_request(COLUMNS)
    request.parameters["keys"].string_param = '["a", "b"]'
    told = calling.call("ModelInfer", request, [("x-request-id", "r-1")])
    assert told.metadata["x-request-id"] == "r-1"
    records = calling.serving.close()
    assert [record.id for record in records] == outputs_of(told.message)["prediction_id"]
    assert [(record.key, record.request_id, record.endpoint) for record in records] == [
        ("a", "r-1", "site"),
        ("b", "r-1", "site"),
    ]


@pytest.mark.parametrize("raw", [True, False])
def test_predictions_are_explained_where_that_is_asked(calling, raw):
    request = infer_request(COLUMNS, raw=raw)
    request.parameters["explain"].bool_param = True
    found = outputs_of(calling.call("ModelInfer", request).message)
    rows = [dict(zip(COLUMNS, values, strict=True)) for values in zip(*COLUMNS.values(), strict=True)]
    expected = httpx.post(f"{calling.url}/predict?explain=true", json=rows).json()
    assert [json.loads(text) for text in found["explanation"]] == [row["explanation"] for row in expected]
    request.parameters["explain"].bool_param = False
    assert "explanation" not in outputs_of(calling.call("ModelInfer", request).message)
    request.parameters["explain"].string_param = "maybe"
    told = calling.call("ModelInfer", request)
    assert (told.code, "explain=maybe" in told.details) == (grpc.StatusCode.INVALID_ARGUMENT, True)


def test_calls_are_counted_as_requests_are(calling):
    calling.call("ModelInfer", infer_request(COLUMNS))
    calling.call("ModelInfer", infer_request(COLUMNS, model="other"))
    stats = calling.serving.state.stats
    assert {key: found.count for key, found in stats.routes.items()} == {
        ("v2.infer", "RPC", 200): 1,
        ("v2.infer", "RPC", 404): 1,
    }
    assert stats.errors == {("v2.infer", "not_found"): 1}
    assert (stats.predictions, stats.in_flight) == ({("delay", 1): 2}, 0)


def test_wrong_rows_are_told_with_code_and_violations(calling):
    told = calling.call("ModelInfer", infer_request({**COLUMNS, "days": [3.0, float("nan")]}))
    assert told.code is grpc.StatusCode.INVALID_ARGUMENT
    assert told.details.startswith("Row 1, column 'days': expected a finite number, found null.")
    status = MESSAGES["Status"].FromString(told.metadata["grpc-status-details-bin"])
    assert (status.code, status.message) == (3, told.details)
    assert MESSAGES["BadRequest"].FromString(status.details[1].value).field_violations[0].field == "rows[1].days"


@pytest.mark.parametrize("raw", [True, False])
def test_infinite_numbers_are_refused(calling, raw):
    told = calling.call("ModelInfer", infer_request({**COLUMNS, "days": [3.0, float("inf")]}, raw=raw))
    assert told.code is grpc.StatusCode.INVALID_ARGUMENT
    assert "to hold finite numbers, found inf in element 1" in told.details


@pytest.mark.parametrize(
    ("model", "version", "told"),
    [("dely", "", "Expected a model that is served here, found 'dely'"), ("", "", "found ''"), ("delay", "9", "'9'")],
)
def test_what_is_not_served_is_not_found(calling, model, version, told):
    found = calling.call("ModelInfer", infer_request(COLUMNS, model=model, model_version=version))
    assert found.code is grpc.StatusCode.NOT_FOUND
    assert told in found.details


def test_bytes_that_are_no_message_are_refused(calling):
    for path in (INFER, "/inference.GRPCInferenceService/ModelMetadata", "/grpc.health.v1.Health/Check"):
        told = calling.send(path, b"\xff\xff\xff", bytes)
        assert told.code is grpc.StatusCode.INVALID_ARGUMENT
        assert "Expected a message of the Open Inference Protocol" in told.details


def test_large_message_is_refused_and_the_connection_goes_on(make_serving):
    with running(make_serving(), max_body_bytes=10_000) as calling:
        many = {"days": [1.0] * 9_000, "crews": [1] * 9_000, "borough": ["Queens"] * 9_000}
        for options in ({}, {"compression": grpc.Compression.Gzip}):
            assert calling.call("ModelInfer", infer_request(many), **options).code is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert calling.call("ModelInfer", infer_request(COLUMNS)).code is grpc.StatusCode.OK


def test_too_many_rows_are_refused(make_serving):
    with running(make_serving(max_rows=1)) as calling:
        told = calling.call("ModelInfer", infer_request(COLUMNS))
        assert (told.code, "at most 1 rows" in told.details) == (grpc.StatusCode.RESOURCE_EXHAUSTED, True)


def test_request_of_many_rows_is_answered(make_serving):
    with running(make_serving(max_rows=9_000)) as calling:
        many = {"days": [1.0] * 9_000, "crews": [1] * 9_000, "borough": ["Queens"] * 9_000}
        told = calling.call("ModelInfer", infer_request(many), compression=grpc.Compression.Gzip)
        assert outputs_of(told.message)["probability"] == [0.5] * 9_000


class Held:
    """Predicts only when it is let to, in a thread."""

    def __init__(self, served) -> None:
        self.begun, self.go = threading.Event(), threading.Event()
        self._predict = served.predictor.predict_rows
        served.is_quick = False

    def __call__(self, rows: Any) -> Any:
        self.begun.set()
        assert self.go.wait(20)
        return self._predict(rows)


@pytest.fixture
def held(calling, monkeypatch):
    served = calling.serving.slot.current
    made = Held(served)
    monkeypatch.setattr(served.predictor, "predict_rows", made)
    yield made
    made.go.set()


def test_overload_is_told_at_once(calling, held, monkeypatch):
    monkeypatch.setattr(calling.serving.app.admission, "_most", 1)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(calling.call, "ModelInfer", infer_request(COLUMNS))
        assert held.begun.wait(20)
        told = calling.call("ModelInfer", infer_request(COLUMNS))
        assert told.code is grpc.StatusCode.UNAVAILABLE
        assert "This server is overloaded" in told.details
        assert told.metadata["grpc-retry-pushback-ms"] == "1000"
        assert calling.call("ServerLive", MESSAGES["ServerLiveRequest"]()).message.live
        held.go.set()
        assert first.result().code is grpc.StatusCode.OK


def test_call_that_takes_too_long_is_ended(calling, held, monkeypatch):
    monkeypatch.setattr(calling.serving.app.admission, "_seconds", 0.05)
    told = calling.call("ModelInfer", infer_request(COLUMNS))
    assert (told.code, "took more than the 0.05 s" in told.details) == (grpc.StatusCode.UNAVAILABLE, True)


def test_deadline_of_the_caller_ends_its_call(calling, held):
    method = calling.channel.unary_unary(INFER)
    with pytest.raises(grpc.RpcError) as caught:
        method(infer_request(COLUMNS).SerializeToString(), timeout=0.5)
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    stats = calling.serving.state.stats
    while stats.in_flight:
        threading.Event().wait(0.01)
    assert stats.routes["v2.infer", "RPC", 499].count == 1


def test_bug_is_told_without_its_cause(calling, monkeypatch):
    def fail(rows: Any) -> Any:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(calling.serving.predictor, "predict_rows", fail)
    told = calling.call("ModelInfer", infer_request(COLUMNS))
    assert (told.code, told.details) == (
        grpc.StatusCode.INTERNAL,
        "The server failed to answer this request. Its log tells why, under this request id.",
    )


class ByHeader:
    """Sends a request to the arm that a header names."""

    def __init__(self, *arms: Arm) -> None:
        self.arms = {arm.name: arm for arm in arms}

    def choose(self, headers, request_id):
        assert request_id
        return self.arms[dict(headers).get(b"x-arm", b"primary").decode()]


def test_traffic_is_divided_by_metadata(calling, make_served):
    primary, canary = Arm(make_served(1)), Arm(make_served(2), "canary")
    calling.serving.slot.lineup = LineUp(primary, (canary,), chooser=ByHeader(primary, canary))
    request = infer_request(COLUMNS)
    assert calling.call("ModelInfer", request).message.model_version == "1"
    assert calling.call("ModelInfer", request, [("x-arm", "canary")]).message.model_version == "2"
    assert (primary.answered, canary.answered) == (1, 1)
    metadata = calling.call("ModelMetadata", MESSAGES["ModelMetadataRequest"](name="delay"), [("x-arm", "canary")])
    assert list(metadata.message.versions) == ["1"]


class Seen(list):
    """Keeps what it is told of."""

    def answered(self, observed):
        self.append(observed)

    def close(self):
        pass


def test_observers_are_told_of_calls(calling):
    seen = Seen()
    calling.serving.state.observers = (seen,)
    calling.call("ModelInfer", infer_request(COLUMNS), [("x-trace", "t")])
    (observed,) = seen
    assert (observed.method, observed.path, observed.label, observed.status) == ("RPC", INFER, "v2.infer", 200)
    assert (b"x-trace", b"t") in observed.headers
    assert observed.client.startswith("127.0.0.1:")
    assert len(observed.prediction.ids) == 2


def test_stream_answers_each_message_and_goes_on_after_an_error(calling):
    requests = [
        infer_request(COLUMNS, id="1"),
        infer_request(COLUMNS, model="x", id="2"),
        infer_request(COLUMNS, id="3"),
    ]
    stream = calling.channel.stream_stream(
        "/inference.GRPCInferenceService/ModelStreamInfer", response_deserializer=ModelStreamInferResponse.FromString
    )
    sent = [request.SerializeToString() for request in requests]
    found = list(stream(iter([*sent, b"\xff"]), timeout=30))
    assert [each.infer_response.id for each in found] == ["1", "2", "3", ""]
    assert [bool(each.error_message) for each in found] == [False, True, False, True]
    assert outputs_of(found[0].infer_response)["prediction"] == ["v1", "v1"]
    assert not calling.serving.app.admission.tasks


# Rollouts: whoever calls gets the arm that HTTP would give.

ONE = {"days": [3.0], "crews": [1], "borough": ["Queens"]}
ROW = {"days": 3.0, "crews": 1, "borough": "Queens"}
ONE_STREAM = "/inference.GRPCInferenceService/ModelStreamInfer"


@pytest.fixture
def divided(calling, make_served):
    """The server, dividing its calls between versions 1 and 2; and what divides them."""
    one, two = make_served(1), make_served(2)
    chooser = WeightedChooser([(Arm(one, "primary"), 50.0), (Arm(two, "canary"), 50.0)], "rollout")
    calling.serving.slot.lineup = LineUp(Arm(one), (Arm(two, "canary"),), chooser=chooser, mirror=OutputSamples())
    return calling, chooser


def answered_by(calling, *metadata: tuple[str, str], **fields: str) -> str:
    told = calling.call("ModelInfer", infer_request(ONE, **fields), metadata)
    assert told.code is grpc.StatusCode.OK, told.details
    assert told.metadata["x-model-version"] == f"delay@{told.message.model_version}"
    return told.message.model_version


def test_calls_of_one_key_get_the_arm_that_http_gives_to_it(divided):
    calling, _ = divided
    keys = [f"customer-{number}" for number in range(40)]
    by_key = {key: answered_by(calling, ("x-routing-key", key)) for key in keys}
    assert set(by_key.values()) == {"1", "2"}
    assert {key: answered_by(calling, ("x-routing-key", key)) for key in keys} == by_key
    with httpx.Client(base_url=calling.url) as http:
        asked = {key: http.post("/predict", json=ROW, headers={"x-routing-key": key}) for key in keys}
    assert {key: answer.headers["x-model-version"] for key, answer in asked.items()} == {
        key: f"delay@{version}" for key, version in by_key.items()
    }


def test_calls_without_a_key_are_divided_by_their_id(divided):
    calling, chooser = divided
    found = Counter(answered_by(calling) for _ in range(60))
    assert min(found["1"], found["2"]) > 10
    assert [arm.answered for arm in chooser.arms] == [found["1"], found["2"]]
    assert len({answered_by(calling, ("x-request-id", "r-1")) for _ in range(5)}) == 1


def test_metadata_and_message_may_name_the_arm(divided):
    calling, chooser = divided
    for _ in range(5):
        assert answered_by(calling, ("x-arm", "canary")) == "2"
        assert answered_by(calling, ("x-model-version", "delay@1")) == "1"
        assert answered_by(calling, model_version="2") == "2"
    # What names its arm is no evidence.
    assert [arm.answered for arm in chooser.arms] == [0, 0]


@pytest.mark.parametrize(("name", "value"), [("x-arm", "cannary"), ("x-model-version", "9")])
def test_arm_that_is_not_there_is_told_with_those_that_are(divided, name, value):
    told = divided[0].call("ModelInfer", infer_request(ONE), [(name, value)])
    assert told.code is grpc.StatusCode.NOT_FOUND
    assert f"found '{value}'" in told.details


def test_errors_of_an_arm_are_counted_as_its_own(divided):
    calling, chooser = divided
    key = next(key for key in map(str, range(40)) if chooser.arm_of(key.encode()).name == "canary")
    wrong = infer_request({**ONE, "days": [float("nan")]})
    assert calling.call("ModelInfer", wrong, [("x-routing-key", key)]).code is grpc.StatusCode.INVALID_ARGUMENT
    assert [(arm.answered, arm.refused) for arm in chooser.arms] == [(0, 0), (1, 1)]


def test_messages_of_a_stream_have_the_arm_of_its_metadata(divided):
    calling, _ = divided
    send = calling.channel.stream_stream(ONE_STREAM, response_deserializer=ModelStreamInferResponse.FromString)
    messages = [infer_request(ONE, id=str(number)).SerializeToString() for number in range(6)]
    for version, metadata in (("2", [("x-arm", "canary")]), ("1", [("x-model-version", "1")])):
        answers = list(send(iter(messages), metadata=metadata, timeout=30))
        assert [answer.infer_response.model_version for answer in answers] == [version] * 6


def test_shown_predictions_are_sampled_as_those_of_http(divided):
    calling, _ = divided
    answered_by(calling, ("x-arm", "canary"))
    [(arm, outputs)] = calling.serving.slot.lineup.mirror.take().items()
    assert (arm.name, [row["prediction"] for row in outputs]) == ("canary", ["v2"])
