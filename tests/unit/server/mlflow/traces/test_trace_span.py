"""Traces with their spans, read back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from millwright.core.ids import TraceId
from millwright.server.mlflow.traces.otlp_decode import plain
from millwright.server.mlflow.traces.trace_span import any_value, otlp_span

from .test_otlp import request, send, taken

if TYPE_CHECKING:
    from unit.server.mlflow.conftest import Wire

_ID = "tr-0123456789abcdef0123456789abcdef"
_GET = "/api/3.0/mlflow/traces/get"
_BATCH = "/api/3.0/mlflow/traces/batchGet"
_FILE = "/ajax-api/2.0/mlflow/get-trace-artifact"


def _change(wire: Wire, **metadata: str) -> None:
    traces = wire.workspace.stores.traces
    record = traces.get(TraceId(_ID))
    traces.put(replace(record, metadata={key.replace("_", "."): value for key, value in metadata.items()}))


def test_trace_comes_with_its_spans_as_stock_sends_them(wire: Wire) -> None:
    taken(
        wire,
        {"id": "00000000000000bb", "parent": "00000000000000aa", "name": "inner", "status": 0},
        {"attributes": {"a": "b", "mlflow.spanInputs": {"x": 1}}},
    )
    trace = wire.get(_GET, trace_id=_ID)["trace"]
    assert trace["trace_info"]["trace_id"] == _ID
    assert trace["trace_info"]["state"] == "OK"
    times = {"start_time_unix_nano": 1000000000, "end_time_unix_nano": 2000000000}
    own = {"key": "mlflow.traceRequestId", "value": {"string_value": _ID}}
    x = {"values": [{"key": "x", "value": {"int_value": 1}}]}
    assert trace["spans"] == [
        {
            "trace_id": "ASNFZ4mrze8BI0VniavN7w==",
            "span_id": "AAAAAAAAAKo=",
            "name": "work",
            **times,
            "attributes": [
                {"key": "a", "value": {"string_value": "b"}},
                {"key": "mlflow.spanInputs", "value": {"kvlist_value": x}},
                own,
            ],
            "status": {"code": "STATUS_CODE_OK"},
        },
        {
            "trace_id": "ASNFZ4mrze8BI0VniavN7w==",
            "span_id": "AAAAAAAAALs=",
            "parent_span_id": "AAAAAAAAAKo=",
            "name": "inner",
            **times,
            "attributes": [own],
            "status": {},
        },
    ]


def test_events_and_links_travel_with_the_span(wire: Wire) -> None:
    body = request({})
    span = body.resource_spans[0].scope_spans[0].spans[0]
    event = span.events.add(time_unix_nano=5, name="said")
    event.attributes.add(key="n", value=AnyValue(double_value=float("nan")))
    link = span.links.add(trace_id=b"\1" * 16, span_id=b"\2" * 8)
    link.attributes.add(key="l", value=AnyValue(bool_value=True))
    assert send(wire, body.SerializeToString()).status_code == 200
    found = wire.get(_GET, trace_id=_ID)["trace"]["spans"][0]
    assert found["events"] == [
        {"time_unix_nano": 5, "name": "said", "attributes": [{"key": "n", "value": {"string_value": "nan"}}]}
    ]
    assert found["links"] == [
        {
            "trace_id": "AQEBAQEBAQEBAQEBAQEBAQ==",
            "span_id": "AgICAgICAgI=",
            "attributes": [{"key": "l", "value": {"bool_value": True}}],
        }
    ]


def test_trace_that_is_not_there_yet_says_so(wire: Wire) -> None:
    message = f"Trace with ID {_ID} is not found."
    assert wire.fails("GET", f"{_GET}?trace_id={_ID}") == (404, "RESOURCE_DOES_NOT_EXIST", message)
    taken(wire, {})
    _change(wire, mlflow_trace_sizeStats='{"num_spans": 2}')
    status, code, message = wire.fails("GET", f"{_GET}?trace_id={_ID}")
    assert (status, code) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert message == f"Trace with ID {_ID} is not fully exported yet, please try again later."
    assert len(wire.get(_GET, trace_id=_ID, allow_partial="true")["trace"]["spans"]) == 1
    assert wire.get(_BATCH, trace_ids=[_ID]) == {}


def test_batch_gives_those_that_there_are_in_the_order_asked_for(wire: Wire) -> None:
    other = "ff" * 16
    taken(wire, {}, {"trace": other})
    ids = [f"tr-{other}", "tr-nothing", _ID]
    found = wire.get(_BATCH, trace_ids=ids)["traces"]
    assert [each["trace_info"]["trace_id"] for each in found] == [f"tr-{other}", _ID]
    assert wire.get(_BATCH, trace_ids=ids, experiment_ids=["7"]) == {}
    status, code, _ = wire.fails("GET", _BATCH)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")


def test_spans_come_as_a_file(wire: Wire) -> None:
    taken(wire, {}, {"id": "00000000000000bb", "parent": "00000000000000aa"})
    answer = wire.ask("GET", _FILE, params={"request_id": _ID})
    assert answer.headers["content-disposition"] == "attachment; filename=traces.json"
    assert answer.headers["content-type"].startswith("text/plain")
    spans = json.loads(answer.content)["spans"]
    assert [span["parent_span_id"] for span in spans] == [None, "AAAAAAAAAKo="]


def test_file_that_is_not_there_is_named(wire: Wire) -> None:
    taken(wire, {})
    message = 'Request must include the "request_id" query parameter.'
    assert wire.fails("GET", _FILE) == (400, "BAD_REQUEST", message)
    assert wire.fails("GET", f"{_FILE}?request_id=tr-1")[0] == 404
    assert wire.fails("GET", f"{_FILE}?request_id={_ID}&path=../secret")[0] == 400
    attached = "12345678-1234-1234-1234-123456789abc"
    assert wire.fails("GET", f"{_FILE}?request_id={_ID}&path={attached}")[0] == 404
    place = f"/api/2.0/mlflow-artifacts/artifacts/0/traces/{_ID}/artifacts/attachments/{attached}"
    assert wire.client.put(place, content=b"pixels").status_code == 200
    assert wire.ask("GET", _FILE, params={"request_id": _ID, "path": attached}).content == b"pixels"


def test_spans_that_a_client_keeps_in_files_are_read_from_there(wire: Wire) -> None:
    taken(wire, {})
    traces = wire.workspace.stores.traces
    # Its tag may say what it wants.
    tags = {"mlflow.artifactLocation": "mlflow-artifacts:/secret"}
    traces.put(replace(traces.get(TraceId(_ID)), tags=tags))
    assert wire.fails("GET", f"{_GET}?trace_id={_ID}")[0] == 404
    place = f"/api/2.0/mlflow-artifacts/artifacts/0/traces/{_ID}/artifacts/traces.json"
    assert wire.client.put(place, content=b"{}").status_code == 200
    assert wire.ask("GET", _FILE, params={"request_id": _ID}).content == b"{}"


def test_span_without_anything_is_still_a_span() -> None:
    assert otlp_span("{}") == {"status": {}}


_PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(_PLAIN)
def test_value_survives_the_way_out_and_in(value: Any) -> None:
    from google.protobuf.json_format import ParseDict  # type: ignore[import-untyped]

    assert plain(ParseDict(any_value(value), AnyValue())) == value
