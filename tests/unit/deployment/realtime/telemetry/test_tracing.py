"""Spans, as a receiver of OTLP gets them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from millwright.deployment.realtime.protocol import all_routes
from millwright.deployment.realtime.route import RouteOptions, Router
from millwright.deployment.realtime.telemetry.telemetry import Telemetry, open_telemetry
from millwright.deployment.realtime.telemetry.tracing import open_tracing, wants_traces

if TYPE_CHECKING:
    from millwright.deployment.realtime.observer import Observed

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PARENT = {"traceparent": f"00-{TRACE}-{SPAN}-01", "tracestate": "vendor=1"}


@pytest.fixture
def traced(serving, receiver, monkeypatch):
    """Opens traces after some variables, lets a test ask, and gives what the receiver got."""
    routes = Router(all_routes(RouteOptions()))

    def open_(**variables: str) -> Any:
        given = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url} | variables
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        (telemetry,) = open_telemetry("", given, routes)
        serving.state.observers = (telemetry,)

        def spans() -> list[Any]:
            telemetry.close()
            return receiver.spans

        return spans

    return open_


def test_span_is_a_child_of_what_the_caller_names(traced, serving, receiver, row):
    spans = traced()
    headers = {**PARENT, "x-request-id": "r1", "host": "models:8080", "user-agent": "curl/8", "authorization": "secret"}
    reply = serving.post("/v2/models/delay/infer", {"inputs": []}, headers=headers)
    assert reply.status == 400
    reply = serving.post("/predict", row, headers=headers)
    (about, refused), (_, span) = spans()
    assert (span.trace_id.hex(), span.parent_span_id.hex(), span.trace_state) == (TRACE, SPAN, "vendor=1")
    assert (span.name, span.kind) == ("POST /predict", span.SPAN_KIND_SERVER)
    found = receiver.attributes(span)
    assert (
        found.items()
        >= {
            "http.request.method": "POST",
            "http.route": "/predict",
            "url.path": "/predict",
            "url.scheme": "http",
            "http.response.status_code": 200,
            "http.response.body.size": len(reply.body),
            "server.address": "models",
            "server.port": 8080,
            "user_agent.original": "curl/8",
            "millwright.endpoint": "site",
            "millwright.model.name": "delay",
            "millwright.model.version": 1,
            "millwright.rows": 1,
            "millwright.prediction.ids": [reply.headers["x-prediction-id"]],
            "millwright.request_id": "r1",
        }.items()
    )
    assert 0 < span.end_time_unix_nano - span.start_time_unix_nano < 10_000_000_000
    assert span.status.code == span.status.STATUS_CODE_UNSET
    assert (refused.name, receiver.attributes(refused)["millwright.error.code"]) == (
        "POST /v2/models/{model}/infer", "malformed_request",
    )  # fmt: skip
    assert about["service.name"] == "millwright-serve"
    assert about["telemetry.sdk.language"] == "python"
    assert receiver.requests[0][0] == "/v1/traces"
    assert "secret" not in str(receiver.spans)
    assert "Queens" not in str(receiver.spans)


def test_request_without_a_parent_begins_a_trace_that_the_access_log_names(traced, serving, row):
    spans = traced()
    seen: list[Observed] = []

    class Notes:
        name = "notes"

        def answered(self, observed: Observed) -> None:
            seen.append(observed)

        def close(self) -> None:
            """Nothing is held."""

    (telemetry,) = serving.state.observers
    telemetry.parts = (*telemetry.parts, Notes())
    serving.post("/predict", row)
    serving.post("/predict", row, headers={"traceparent": "00-nonsense"})
    first, second = (span for _, span in spans())
    assert [first.trace_id.hex(), second.trace_id.hex()] == [each.trace_id for each in seen]
    assert first.trace_id != second.trace_id
    assert (first.parent_span_id, second.parent_span_id) == (b"", b"")


def test_failure_of_the_server_is_an_error_and_a_wrong_request_is_none(traced, serving, receiver, row, monkeypatch):
    spans = traced()
    monkeypatch.setattr(serving.predictor, "predict_rows", lambda _: 1 / 0)
    assert serving.post("/predict", row).status == 500
    assert serving.get("/nowhere").status == 404
    (_, failed), (_, lost) = spans()
    assert failed.status.code == failed.status.STATUS_CODE_ERROR
    assert receiver.attributes(failed)["error.type"]
    assert lost.status.code == lost.status.STATUS_CODE_UNSET
    assert (lost.name, "http.route" in receiver.attributes(lost)) == ("GET", False)


def test_standard_variables_say_who_sends_and_what(traced, serving, receiver, row):
    spans = traced(
        OTEL_SERVICE_NAME="delays",
        OTEL_RESOURCE_ATTRIBUTES="deployment.environment=test",
        OTEL_EXPORTER_OTLP_HEADERS="x-tenant=blue",
        OTEL_EXPORTER_OTLP_COMPRESSION="gzip",
        OTEL_TRACES_SAMPLER="parentbased_always_off",
    )
    serving.post("/predict", row)  # not sampled: nobody asked for it
    serving.post("/predict", row, headers=PARENT)
    ((about, span),) = spans()
    assert span.trace_id.hex() == TRACE
    assert (about["service.name"], about["deployment.environment"]) == ("delays", "test")
    assert {name.lower(): value for name, value in receiver.requests[0][1].items()}["x-tenant"] == "blue"


def test_many_requests_are_sent_in_few_batches(traced, serving, receiver, row):
    spans = traced()
    for _ in range(300):
        serving.post("/predict", row)
    assert len(spans()) == 300
    assert len(receiver.requests) <= 5


def test_receiver_that_is_away_holds_up_nobody(serving, row, monkeypatch):
    pytest.importorskip("opentelemetry.sdk", reason="needs OpenTelemetry: pip install 'millwright[otel]'")
    given = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_TIMEOUT": "1"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    (telemetry,) = open_telemetry("", given, Router(all_routes(RouteOptions())))
    serving.state.observers = (telemetry,)
    assert serving.post("/predict", row).status == 200
    telemetry.close()


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/v1/traces"}, True),
        ({"OTEL_TRACES_EXPORTER": "console"}, True),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, False),
        ({"OTEL_SDK_DISABLED": "TRUE", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, False),
        ({"OTEL_SERVICE_NAME": "delays"}, False),
    ],
)
def test_traces_are_made_where_the_environment_says_where_they_go(variables, wanted):
    assert wants_traces(variables) is wanted
    if not wanted:
        assert open_telemetry("", variables, Router(())) == ()


def test_traces_to_standard_output(serving, row, capsys):
    pytest.importorskip("opentelemetry.sdk", reason="needs OpenTelemetry: pip install 'millwright[otel]'")
    tracing = open_tracing({"OTEL_TRACES_EXPORTER": "console,zipkin"}, Router(()))
    serving.state.observers = (Telemetry(tracing, None),)
    serving.post("/predict", row)
    tracing.close()
    assert '"name": "POST"' in capsys.readouterr().out


def test_server_starts_without_the_library_and_says_so(monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    assert open_tracing({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, Router(())) is None
    assert "millwright[otel]" in caplog.text
