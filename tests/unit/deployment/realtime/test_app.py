from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from millwright.core.errors import InvalidInputError
from millwright.deployment.realtime.model_slot import ModelSlot


@pytest.fixture
def durable_serving(make_serving):
    return make_serving(durable=True)


PREDICTING = ("/predict", "/invocations", "/v2/models/delay/infer")


def test_every_answer_names_request_and_model(serving, row):
    for response in (serving.post("/predict", row), serving.get("/v2"), serving.get("/nowhere")):
        assert response.headers["x-model-version"] == "delay@1"
        assert len(response.headers["x-request-id"]) == 32


def test_answer_names_the_model_that_was_asked_among_several(serving, make_served, row):
    serving.state.slots = (serving.slot, ModelSlot("other", make_served(7, "cost")))
    for response in (
        serving.post("/v1/models/other:predict", {"instances": [row]}),
        serving.post("/v1/models/other:predict", {"instances": [{"days": "x"}]}),
        serving.get("/v2/models/cost"),
    ):
        assert response.headers["x-model-version"] == "cost@7"
    assert "x-model-version" not in serving.get("/v2/models/nobody").headers


def test_request_ids_differ(serving):
    assert len({serving.get("/v2").headers["x-request-id"] for _ in range(20)}) == 20


def test_callers_request_id_is_kept_and_logged(serving, row):
    response = serving.post("/predict", row, {"X-Request-Id": "abc-1"})
    assert response.headers["x-request-id"] == "abc-1"
    assert [record.request_id for record in serving.close()] == ["abc-1"]


@pytest.mark.parametrize("given_id", ["", "x" * 200, "tab\there"])
def test_callers_request_id_is_replaced_when_it_is_no_plain_text(serving, row, given_id):
    assert serving.post("/predict", row, {"x-request-id": given_id}).headers["x-request-id"] != given_id


def test_prediction_ids_are_in_a_header_up_to_sixteen(serving, row):
    ids = [item["prediction_id"] for item in serving.post("/predict", [row] * 3).json]
    response = serving.post("/predict", [row] * 40)
    assert len(set(ids)) == 3
    assert response.headers["x-prediction-id"].split(",") == [item["prediction_id"] for item in response.json][:16]


def test_prediction_is_logged_as_it_was_answered(serving, row):
    answered = serving.post("/predict", row).json
    (record,) = serving.close()
    assert record.id == answered["prediction_id"]
    assert (record.endpoint, record.model, record.version, record.at) == ("site", "delay", 1, serving.clock.now())
    assert record.features == row
    assert record.outputs == {"prediction": answered["prediction"], "probability": answered["probability"]}
    assert record.latency_ms > 0


def test_unknown_path_is_refused_with_the_closest(serving):
    response = serving.get("/predikt")
    assert (response.status, response.error["code"]) == (404, "not_found")
    assert "'/predict'" in response.error["hint"]


def test_other_method_is_refused_with_those_allowed(serving):
    response = serving.get("/predict")
    assert (response.status, response.headers["allow"]) == (405, "POST")
    assert response.error["code"] == "method_not_allowed"


def test_head_is_answered_as_get(serving):
    assert serving.ask("HEAD", "/v2/health/ready").status == 200


@pytest.mark.parametrize("kind", ["", "application/json", "application/json; charset=utf-8", "application/vnd.x+json"])
def test_json_content_types_are_taken(serving, row, kind):
    headers = {"content-type": kind} if kind else {}
    assert serving.post("/predict", row, headers).status == 200


@pytest.mark.parametrize("kind", ["text/csv", "application/x-www-form-urlencoded"])
def test_other_content_type_is_refused(serving, row, kind):
    response = serving.post("/predict", row, {"content-type": kind})
    details = {"found": kind, "takes": ["application/json", "text/json"]}
    assert (response.status, response.error["details"]) == (415, details)


def test_body_is_refused_by_its_announced_size(make_serving):
    response = make_serving(max_body_bytes=100).ask("POST", "/predict", b"", headers={"content-length": "101"})
    assert (response.status, response.error["message"]) == (413, "Expected a body of at most 100 bytes, found 101.")


def test_body_is_refused_while_it_arrives(make_serving):
    serving = make_serving(max_body_bytes=100)
    chunks = [b"x" * 40] * 1_000
    response = serving.ask("POST", "/predict", chunks=chunks)
    assert (response.status, response.error["message"]) == (
        413,
        "Expected a body of at most 100 bytes, found 120 or more.",
    )


def test_body_in_parts_is_put_together(serving, row):
    body = json.dumps(row).encode()
    assert serving.ask("POST", "/predict", chunks=[body[:10], body[10:20], b"", body[20:]]).status == 200


def test_large_request_is_answered_in_a_thread(serving, row):
    rows = [row | {"note": "x" * 1_000} for _ in range(100)]
    assert len(serving.post("/predict", rows).json) == 100
    assert len(serving.close()) == 100


def test_caller_that_leaves_is_no_error(serving):
    async def run() -> list[object]:
        sent: list[object] = []
        messages = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]

        async def receive() -> object:
            return messages.pop(0)

        async def send(message: object) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/predict", "headers": []}
        await serving.app(scope, receive, send)
        return sent

    assert asyncio.run(run()) == []
    assert serving.state.stats.in_flight == 0
    assert ("predict", "POST", 499) in serving.state.stats.routes


def test_other_protocols_are_refused(serving):
    with pytest.raises(RuntimeError, match="HTTP only"):
        asyncio.run(serving.app({"type": "websocket"}, None, None))


def test_bug_in_the_model_is_a_500_that_tells_nothing_but_the_request_id(serving, row, caplog):
    serving.predictor.predict_rows = lambda _: 1 / 0
    response = serving.post("/predict", row, {"x-request-id": "abc"})
    assert (response.status, response.error["code"]) == (500, "internal")
    assert response.error["details"] == {"request_id": "abc"}
    assert "ZeroDivisionError" in caplog.text


def test_refusal_by_the_model_is_passed_on(serving, row):
    def refuse(rows: object) -> None:
        raise InvalidInputError("Expected less.", hint="Send less.")

    serving.predictor.predict_rows = refuse
    assert serving.post("/predict", row).error["message"] == "Expected less."


def test_durable_answer_comes_after_the_log_has_it(make_serving, row):
    serving = make_serving(durable=True)
    answered = serving.post("/predict", row).json
    assert [record.id for record in serving.sink.records] == [answered["prediction_id"]]


def test_durable_answer_is_refused_when_the_log_fails(make_serving, row):
    serving = make_serving(durable=True)
    serving.sink.failures = 2
    response = serving.post("/predict", row)
    assert (response.status, response.error["code"]) == (503, "unavailable")
    assert serving.post("/predict", row).status == 200


def test_request_is_answered_by_one_version_while_another_takes_over(serving, make_served, row):
    old = serving.slot.current
    predict = old.predictor.predict_rows

    def swap_meanwhile(rows: object) -> object:
        serving.slot.replace(make_served(2))
        return predict(rows)

    old.predictor.predict_rows = swap_meanwhile
    response = serving.post("/predict", row)
    assert (response.json["prediction"], response.headers["x-model-version"]) == ("v1", "delay@1")
    response = serving.post("/predict", row)
    assert (response.json["prediction"], response.headers["x-model-version"]) == ("v2", "delay@2")
    assert [record.version for record in serving.close()] == [1, 2]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["2026-01-31", "FP32"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["days", "crews", "permit", "borough", "start", "note", "rows", "keys", "inputs", "instances", "params",
             "outputs", "dataframe_split", "dataframe_records", "columns", "data", "name", "shape", "datatype", "id",
             "parameters", "x"]
        ),
        inner,
        max_size=6,
    ),
    max_leaves=25,
)  # fmt: skip
TENSORS = st.fixed_dictionaries(
    {
        "inputs": st.lists(
            st.fixed_dictionaries(
                {
                    "name": st.sampled_from(["days", "crews", "x"]),
                    "shape": st.lists(st.integers(-2, 3), max_size=3),
                    "datatype": st.sampled_from(["FP32", "BYTES", "x"]),
                    "data": JSON,
                }
            ),
            max_size=3,
        )
    }
)
BINARY = st.fixed_dictionaries(
    {
        "inputs": st.lists(
            st.fixed_dictionaries(
                {
                    "name": st.sampled_from(["days", "crews", "borough", "x"]),
                    "shape": st.lists(st.integers(-2, 2**64) | st.integers(0, 3), max_size=3),
                    "datatype": st.sampled_from(["FP16", "FP64", "INT8", "BOOL", "BYTES", "x"]),
                    "parameters": st.fixed_dictionaries({"binary_data_size": st.integers(-1, 20) | JSON}),
                }
            ),
            max_size=4,
        ),
        "parameters": st.fixed_dictionaries({"binary_data_output": JSON}),
    }
)
EVERY = (*PREDICTING, "/v1/models/delay:predict", "/score")


def wrapped(value: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """Something where the contracts look for rows."""
    names = st.sampled_from(["instances", "inputs", "data", "input_data", "dataframe_split", "dataframe_records"])
    rows = value | st.lists(value | st.just([12.5, 3, None, "Queens", None, None]), max_size=3)
    return st.dictionaries(names | st.just("params"), rows, min_size=1, max_size=2)


TABLES = st.sampled_from(["text/csv", "application/jsonlines", "application/x-ndjson"])


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(EVERY), value=JSON | TENSORS | wrapped(JSON))
def test_any_json_is_answered_or_refused_but_never_a_500(serving, path, value):
    response = serving.post(path, value)
    assert response.status in (200, 400, 413, 422), response.body
    if response.status != 200:
        assert response.error["message"]


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(EVERY), body=st.binary(max_size=80), kind=st.sampled_from(["", "application/json"]))
def test_any_bytes_are_refused_but_never_a_500(serving, path, body, kind):
    headers = {"content-type": kind} if kind else {}
    assert serving.ask("POST", path, body, headers=headers).status in (400, 422)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(head=BINARY, tail=st.binary(max_size=40), length=st.none() | st.integers(0, 300))
def test_any_binary_tensors_are_answered_or_refused_but_never_a_500(serving, head, tail, length):
    body = json.dumps(head).encode()
    headers = {"inference-header-content-length": str(len(body) if length is None else length)}
    response = serving.ask("POST", "/v2/models/delay/infer", body + tail, headers=headers)
    assert response.status in (200, 400, 422), response.body


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=60) | st.text(alphabet='1.,"{}[]: \nxdays', max_size=60).map(str.encode),
    kind=TABLES,
    accept=st.text(alphabet="abcsvtexjonlipq=;*/, 1.", max_size=30) | TABLES,
)
def test_any_table_is_answered_or_refused_but_never_a_500(serving, body, kind, accept):
    response = serving.ask("POST", "/invocations", body, headers={"content-type": kind, "accept": accept})
    assert response.status in (200, 400, 422), response.body


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=60), encoding=st.sampled_from(["gzip", "deflate", "br", "identity"]))
def test_any_compressed_body_is_refused_but_never_a_500(serving, body, encoding):
    assert serving.ask("POST", "/predict", body, headers={"content-encoding": encoding}).status in (400, 415, 422)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "X"]),
    path=st.text(max_size=30) | st.sampled_from(["/v2/models//infer", "/v2/models/a/b/c/d", "//", ""]),
)
def test_any_path_and_method_is_refused_but_never_a_500(serving, method, path):
    assert serving.ask(method, path).status in (200, 400, 404, 405)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(), number=st.floats(allow_nan=False, allow_infinity=False), large=st.integers(-(2**63), 2**63 - 1))
def test_any_row_that_fits_is_predicted_and_logged_as_sent(durable_serving, complete_row, text, number, large):
    row = complete_row | {"note": text, "days": number, "crews": large}
    response = durable_serving.post("/predict", row)
    assert response.status == 200
    record = durable_serving.sink.records[-1]
    assert record.id == response.headers["x-prediction-id"]
    assert record.features == row
