"""Spans over HTTP: what is taken, what is refused, and what it makes of traces."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from millwright.core.ids import TraceId
from millwright.core.records.trace import TraceState

if TYPE_CHECKING:
    from httpx import Response

    from unit.server.mlflow.conftest import Wire

_MS = 1_000_000
_TRACE = "0123456789abcdef0123456789abcdef"
_ID = TraceId(f"tr-{_TRACE}")


def request(*spans: dict[str, Any], **resource: str) -> ExportTraceServiceRequest:
    """A request with spans of one program."""
    made = ExportTraceServiceRequest()
    group = made.resource_spans.add()
    for key, value in resource.items():
        group.resource.attributes.add(key=key.replace("_", "."), value=AnyValue(string_value=value))
    scope = group.scope_spans.add()
    for given_ in spans:
        span = scope.spans.add(
            trace_id=bytes.fromhex(given_.get("trace", _TRACE)),
            span_id=bytes.fromhex(given_.get("id", "00000000000000aa")),
            parent_span_id=bytes.fromhex(given_.get("parent", "")),
            name=given_.get("name", "work"),
            start_time_unix_nano=given_.get("start", 1000) * _MS,
            end_time_unix_nano=given_.get("end", 2000) * _MS,
        )
        span.status.code = given_.get("status", 1)
        for key, value in given_.get("attributes", {}).items():
            text = value if isinstance(value, str) else json.dumps(value)
            span.attributes.add(key=key, value=AnyValue(string_value=text))
    return made


def send(wire: Wire, body: bytes, **headers: str) -> Response:
    """Send a body; underscores of header names are dashes."""
    told = {"content-type": "application/x-protobuf", "x-mlflow-experiment-id": "0"}
    told |= {name.replace("_", "-"): value for name, value in headers.items()}
    return wire.client.post("/v1/traces", content=body, headers=told)


def taken(wire: Wire, *spans: dict[str, Any], **resource: str) -> None:
    """Send spans that are taken."""
    answer = send(wire, request(*spans, **resource).SerializeToString())
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-protobuf"
    assert answer.content == b""


def test_span_makes_its_trace(wire: Wire) -> None:
    inputs = {"messages": [{"role": "user", "content": "How many?"}, {"role": "system", "content": "no"}]}
    taken(wire, {"attributes": {"mlflow.spanInputs": inputs, "mlflow.spanOutputs": "four"}}, service_name="shop")
    trace = wire.workspace.stores.traces.get(_ID)
    assert trace.experiment_id == "0"
    assert (trace.state, trace.duration_ms) == (TraceState.OK, 1000)
    assert trace.requested_at.timestamp() == 1.0
    assert (trace.request_preview, trace.response_preview) == ("How many?", '"four"')
    assert trace.tags == {
        "mlflow.artifactLocation": f"mlflow-artifacts:/0/traces/{_ID}/artifacts",
        "mlflow.trace.spansLocation": "TRACKING_STORE",
        "service.name": "shop",
    }
    assert trace.metadata == {}


def test_span_is_kept_in_the_form_of_clients(wire: Wire) -> None:
    taken(wire, {"attributes": {"a": "b", "mlflow.spanType": "TOOL", "mlflow.traceRequestId": "tr-other"}})
    (span,) = wire.workspace.stores.traces.list_spans(_ID)
    assert (span.id, span.parent_id, span.status, span.type) == ("00000000000000aa", None, "OK", "TOOL")
    assert json.loads(span.content) == {
        "trace_id": "ASNFZ4mrze8BI0VniavN7w==",
        "span_id": "AAAAAAAAAKo=",
        "parent_span_id": None,
        "name": "work",
        "start_time_unix_nano": 1000 * _MS,
        "end_time_unix_nano": 2000 * _MS,
        "events": [],
        "status": {"code": "STATUS_CODE_OK", "message": ""},
        "attributes": {"a": '"b"', "mlflow.spanType": '"TOOL"', "mlflow.traceRequestId": f'"{_ID}"'},
        "links": [],
    }


def test_spans_of_several_requests_stretch_their_trace(wire: Wire) -> None:
    taken(wire, {"id": "00000000000000bb", "parent": "00000000000000aa", "start": 1200, "end": 1300})
    trace = wire.workspace.stores.traces.get(_ID)
    assert (trace.state, trace.duration_ms) == (TraceState.IN_PROGRESS, 100)
    taken(wire, {"status": 2})
    taken(wire, {"id": "00000000000000cc", "parent": "00000000000000aa", "start": 1900, "end": 2500})
    trace = wire.workspace.stores.traces.get(_ID)
    assert (trace.state, trace.duration_ms) == (TraceState.ERROR, 1500)
    assert trace.requested_at.timestamp() == 1.0
    assert len(wire.workspace.stores.traces.list_spans(_ID)) == 3


def test_span_that_comes_twice_counts_once(wire: Wire) -> None:
    usage = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
    for _ in range(2):
        taken(wire, {"attributes": {"mlflow.chat.tokenUsage": usage}})
    trace = wire.workspace.stores.traces.get(_ID)
    assert json.loads(trace.metadata["mlflow.trace.tokenUsage"]) == usage
    assert len(wire.workspace.stores.traces.list_spans(_ID)) == 1


def test_json_is_taken_like_protobuf(wire: Wire) -> None:
    span = {"traceId": _TRACE, "spanId": "00000000000000aa", "name": "n", "startTimeUnixNano": "1000000"}
    body = {"resourceSpans": [{"scopeSpans": [{"spans": [span | {"endTimeUnixNano": "3000000", "news": 1}]}]}]}
    answer = send(wire, json.dumps(body).encode(), content_type="application/json; charset=utf-8")
    assert answer.status_code == 200
    assert wire.workspace.stores.traces.get(_ID).duration_ms == 2


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "raw deflate", "identity"])
def test_compressed_bodies_are_taken(wire: Wire, encoding: str) -> None:
    body = request({}).SerializeToString()
    raw = zlib.compressobj(wbits=-15)
    bodies = {
        "gzip": gzip.compress(body, mtime=0),
        "deflate": zlib.compress(body),
        "raw deflate": raw.compress(body) + raw.flush(),
        "identity": body,
    }
    answer = send(wire, bodies[encoding], content_encoding=encoding.removeprefix("raw "))
    assert answer.status_code == 200
    assert wire.workspace.stores.traces.get(_ID).state is TraceState.OK


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"", {}, 400),
        (request({}).SerializeToString()[:-3], {}, 400),
        (b"{}", {"content_type": "text/plain"}, 400),
        (b"{", {"content_type": "application/json"}, 400),
        (b"[" * 100_000, {"content_type": "application/json"}, 400),
        (b'{"resourceSpans": 3}', {"content_type": "application/json"}, 400),
        (b"x", {"content_encoding": "gzip"}, 400),
        (gzip.compress(b"x", mtime=0)[:-1], {"content_encoding": "gzip"}, 400),
        (b"x", {"content_encoding": "deflate"}, 400),
        (b"x", {"content_encoding": "br"}, 400),
        (gzip.compress(b"\0" * (65 << 20), mtime=0), {"content_encoding": "gzip"}, 413),
        (gzip.compress(b"", mtime=0) * 1000, {"content_encoding": "gzip"}, 400),
        (request({"trace": ""}).SerializeToString(), {}, 422),
        (request({"id": ""}).SerializeToString(), {}, 422),
        (request({"id": "00" * 9}).SerializeToString(), {}, 422),
        (request({"end": 2**63 // _MS + 1}).SerializeToString(), {}, 422),
        (request({"attributes": {str(at): "" for at in range(6000)}}).SerializeToString(), {}, 400),
        (request({}).SerializeToString(), {"x_mlflow_experiment_id": "77"}, 404),
        (request({}).SerializeToString(), {"x_mlflow_experiment_id": ""}, 422),
    ],
)
def test_unfit_body_is_refused_and_nothing_kept(wire: Wire, body: bytes, headers: dict[str, str], status: int) -> None:
    answer = send(wire, body, **headers)
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error_code", "message"}
    assert wire.workspace.stores.spans.find_traces([_ID]) == {}


def test_deep_value_is_refused(wire: Wire) -> None:
    def field(number: int, inside: bytes) -> bytes:
        size, rest = len(inside) % 128, len(inside) // 128
        return bytes([number << 3 | 2, size | 128, rest]) + inside

    value = AnyValue(string_value="deep").SerializeToString()
    for _ in range(1000):
        value = field(5, field(1, value))
    span = request({}).resource_spans[0].scope_spans[0].spans[0].SerializeToString()
    attribute = field(9, field(2, value))
    assert send(wire, field(1, field(2, field(2, span + attribute)))).status_code == 400


def test_trace_of_another_experiment_is_not_touched(wire: Wire) -> None:
    taken(wire, {})
    other = wire.post("experiments/create", {"name": "other"})["experiment_id"]
    answer = send(wire, request({"status": 2}).SerializeToString(), x_mlflow_experiment_id=other)
    assert answer.status_code == 400
    assert wire.workspace.stores.traces.get(_ID).experiment_id == "0"


def test_traces_are_linked_to_the_run_that_the_header_names(wire: Wire) -> None:
    run = wire.post("runs/create", {"experiment_id": "0"})["run"]["info"]["run_id"]
    body = request({}, {"trace": "ff" * 16, "parent": "00000000000000bb"}).SerializeToString()
    assert send(wire, body, x_mlflow_run_id=run).status_code == 200
    search = {"locations": [{"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "0"}}]}
    found = wire.post("/api/3.0/mlflow/traces/search", search | {"filter": f"run_id = '{run}'"})
    assert [trace["trace_id"] for trace in found["traces"]] == [_ID]
    assert send(wire, body, x_mlflow_run_id="gone").status_code == 200


def test_signs_that_no_database_keeps_are_replaced(wire: Wire) -> None:
    taken(wire, {"name": "a\0b", "attributes": {"user.id": "u\0", "mlflow.traceTag.k": "v\0"}}, host_name="h\0")
    trace = wire.workspace.stores.traces.get(_ID)
    assert trace.metadata == {"mlflow.trace.user": "u\ufffd"}
    assert (trace.tags["k"], trace.tags["host.name"]) == ("v\ufffd", "h\ufffd")
    assert wire.workspace.stores.traces.list_spans(_ID)[0].name == "a\ufffdb"


@pytest.mark.parametrize(
    "odd",
    [
        "[]",
        "{}",
        '"\\ud800"',
        '"\\u0000"',
        "NaN",
        "9" * 5000,
        "[" * 5000,
        "[" * 900 + "]" * 900,
        "null",
        '{"messages": 1}',
    ],
)
def test_odd_attributes_do_no_harm(wire: Wire, odd: str) -> None:
    names = ("spanType", "spanInputs", "spanOutputs", "chat.tokenUsage", "llm.cost", "llm.model", "traceTag.a")
    attributes = {f"mlflow.{name}": odd for name in names} | {"user.id": odd, "session.id": odd}
    taken(wire, {"attributes": attributes, "name": "n"})
    taken(wire, {"id": "00000000000000bb", "parent": "00000000000000aa", "attributes": attributes})
    assert wire.get("/api/3.0/mlflow/traces/get", trace_id=_ID)["trace"]["spans"]
    assert json.loads(wire.ask("GET", f"/ajax-api/2.0/mlflow/get-trace-artifact?request_id={_ID}").content)


_VALID = request({"attributes": {"gen_ai.usage.input_tokens": "3"}}, service_name="s").SerializeToString()


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    body=st.one_of(
        st.binary(max_size=200),
        st.tuples(st.integers(0, len(_VALID) - 1), st.binary(max_size=4)).map(
            lambda cut: _VALID[: cut[0]] + cut[1] + _VALID[cut[0] + len(cut[1]) :]
        ),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(max_size=20),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["resourceSpans", "scopeSpans", "spans", "traceId", "spanId", "links", "status"]),
                    inner,
                    max_size=3,
                )
            ),
        ).map(lambda value: json.dumps(value).encode()),
    ),
    kind=st.sampled_from(["application/x-protobuf", "application/json"]),
)
def test_any_bytes_are_taken_or_refused(wire: Wire, body: bytes, kind: str) -> None:
    assert send(wire, body, content_type=kind).status_code in {200, 400, 422}
