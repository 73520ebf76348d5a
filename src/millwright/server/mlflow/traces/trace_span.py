"""Traces with their spans: as OTLP for clients of today, as a file of JSON for older ones and for pages."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from typing import TYPE_CHECKING, Any

import msgspec

from millwright.core.ids import TraceId
from millwright.server.mlflow.answer import Answer
from millwright.server.mlflow.application import send_answer
from millwright.server.mlflow.artifacts.artifact_file import attachment, send_file
from millwright.server.mlflow.artifacts.artifact_uri import experiment_location, joined, tree_path
from millwright.server.mlflow.failure import WireError, invalid, missing, not_there
from millwright.server.mlflow.permission import Access, Resource, ResourceKind, Rule, field, visible
from millwright.server.mlflow.route import Mode, Route
from millwright.server.mlflow.traces.span_convention import load
from millwright.server.mlflow.traces.trace_ingest import LOCATION, STORE
from millwright.server.mlflow.traces.trace_shape import trace_infos

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.core.records.trace import SpanRecord, TraceRecord
    from millwright.server.mlflow.artifacts.artifact_file import Receive, Send
    from millwright.server.mlflow.call import Call

MAX_TRACES = 1000  # in one answer
_FILE = "traces.json"
_SIZE = "mlflow.trace.sizeStats"
_ATTACHMENT = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DEEPEST = 30  # protobuf reads some hundred messages inside one another
_INTEGERS = range(-(2**63), 2**63)
_TRACE_ID = re.compile(r"tr-([0-9a-f]{32})")


class GetTrace(msgspec.Struct):
    """`GET /mlflow/traces/get`."""

    trace_id: str = ""
    allow_partial: bool = False


class BatchGetTraces(msgspec.Struct):
    """`GET /mlflow/traces/batchGet`."""

    trace_ids: list[str] = msgspec.field(default_factory=list)
    experiment_ids: list[str] | None = None


def get_trace(call: Call, body: GetTrace) -> Answer:
    """One trace with its spans; with those that are there so far if the caller wants that."""
    trace_id = TraceId(body.trace_id)
    record = _found(call, trace_id)
    if record.tags.get(LOCATION) != STORE:
        raise not_there(f"The spans of the trace {trace_id} are not on this server's database.")
    spans = _in_order(call.stores.spans.list_spans([trace_id]).get(trace_id, []))
    if not body.allow_partial and not _whole(record, spans):
        raise not_there(f"Trace with ID {trace_id} is not fully exported yet, please try again later.")
    return Answer({"trace": _traces(call, [record], {trace_id: spans})[0]})


def batch_get_traces(call: Call, body: BatchGetTraces) -> Answer:
    """Those of some traces whose spans are all there, in the order asked for."""
    if not body.trace_ids:
        raise missing("trace_ids")
    ids = [TraceId(each) for each in dict.fromkeys(body.trace_ids)]
    if len(ids) > MAX_TRACES:
        raise invalid(f"Expected at most {MAX_TRACES:,} trace_ids, found {len(ids):,}. Ask several times.")
    there = call.stores.spans.find_traces(ids)
    wanted = None if body.experiment_ids is None else set(body.experiment_ids)
    records = [
        there[each]
        for each in ids
        if each in there
        and there[each].tags.get(LOCATION) == STORE
        and (wanted is None or there[each].experiment_id in wanted)
    ]
    if call.projects is not None:
        experiments = {record.experiment_id for record in records}
        seen = {each for each in experiments if call.stores.experiments.get(each).project in call.projects}
        records = [record for record in records if record.experiment_id in seen]
    found = call.stores.spans.list_spans([record.id for record in records])
    spans = {trace_id: _in_order(each) for trace_id, each in found.items()}
    whole = [record for record in records if _whole(record, spans.get(record.id, []))]
    return Answer({"traces": traces} if (traces := _traces(call, whole, spans)) else {})


async def get_trace_artifact(call: Call, receive: Receive, send: Send) -> None:
    """The spans of a trace as a file, or a file that was attached to one of them."""
    del receive
    trace_id = _requested(call)
    path = call.argument("path")
    if path and not _ATTACHMENT.fullmatch(path):
        raise invalid(f"Invalid attachment path: {path[:200]!r}. Attachment path must be a valid UUID.")
    record = await asyncio.to_thread(_found, call, trace_id)
    if not path and record.tags.get(LOCATION) == STORE:
        await send_answer(await asyncio.to_thread(_file_of, call, trace_id), send)
        return
    experiment = await asyncio.to_thread(call.stores.experiments.get, record.experiment_id)
    # Not where the trace's tag says: whoever may write it could then read any file through it.
    place = tree_path(joined(experiment_location(experiment), "traces", trace_id, "artifacts"))
    await send_file(call, f"{place}/attachments/{path}" if path else f"{place}/{_FILE}", send)


def _found(call: Call, trace_id: TraceId) -> TraceRecord:
    record = call.stores.spans.find_traces([trace_id]).get(trace_id)
    if record is None:
        raise not_there(f"Trace with ID {trace_id} is not found.")
    return record


def _file_of(call: Call, trace_id: TraceId) -> Answer:
    spans = _in_order(call.stores.spans.list_spans([trace_id]).get(trace_id, []))
    return attachment(_FILE, b'{"spans":[' + ",".join(span.content for span in spans).encode() + b"]}")


def _in_order(spans: Sequence[SpanRecord]) -> list[SpanRecord]:
    return sorted(spans, key=lambda span: (span.parent_id is not None, span.start_ns))


def _whole(record: TraceRecord, spans: Sequence[SpanRecord]) -> bool:
    stats = load(record.metadata.get(_SIZE))
    expected = stats.get("num_spans", 0) if isinstance(stats, dict) else 0
    return bool(spans) and (not isinstance(expected, int) or len(spans) >= expected)


def _traces(
    call: Call, records: Sequence[TraceRecord], spans: Mapping[TraceId, Sequence[SpanRecord]]
) -> list[dict[str, Any]]:
    return [
        {"trace_info": info, "spans": [otlp_span(span.content) for span in spans[record.id]]}
        for record, info in zip(records, trace_infos(call.stores, records), strict=True)
    ]


def otlp_span(content: str) -> dict[str, Any]:
    """A span as it is kept, in protobuf's JSON of OTLP; what has its default is left out."""
    held = json.loads(content)
    shape = {
        name: held[name]
        for name in ("trace_id", "span_id", "parent_span_id", "name", "start_time_unix_nano", "end_time_unix_nano")
        if held.get(name)
    }
    if attributes := [_pair(key, load(text)) for key, text in held.get("attributes", {}).items()]:
        shape["attributes"] = attributes
    if events := [_event(each) for each in held.get("events", ())]:
        shape["events"] = events
    if links := [link for each in held.get("links", ()) if (link := _link(each))]:
        shape["links"] = links
    status = held.get("status", {})
    shape["status"] = {"message": status["message"]} if status.get("message") else {}
    if status.get("code") in {"STATUS_CODE_OK", "STATUS_CODE_ERROR"}:
        shape["status"]["code"] = status["code"]
    return shape


def _event(held: Mapping[str, Any]) -> dict[str, Any]:
    shape = {name: held[name] for name in ("time_unix_nano", "name") if held.get(name)}
    if attributes := [_pair(key, value) for key, value in (held.get("attributes") or {}).items()]:
        shape["attributes"] = attributes
    return shape


def _link(held: Mapping[str, Any]) -> dict[str, Any]:
    match = _TRACE_ID.fullmatch(str(held.get("trace_id")))
    if match is None:
        return {}
    shape: dict[str, Any] = {
        "trace_id": base64.b64encode(bytes.fromhex(match[1])).decode(),
        "span_id": base64.b64encode(bytes.fromhex(str(held.get("span_id")))).decode(),
    }
    if attributes := [_pair(key, value) for key, value in (held.get("attributes") or {}).items()]:
        shape["attributes"] = attributes
    return shape


def _pair(key: str, value: Any, depth: int = 0) -> dict[str, Any]:
    return {"key": _sendable(key), "value": any_value(value, depth)}


def any_value(value: Any, depth: int = 0) -> dict[str, Any]:
    """A value as OTLP's `AnyValue` in JSON; whole numbers beyond 64 bits as text, and what nests too deep as JSON."""
    if isinstance(value, bool):
        return {"bool_value": value}
    if isinstance(value, str):
        return {"string_value": _sendable(value)}
    if isinstance(value, int):
        return {"int_value": value} if value in _INTEGERS else {"string_value": str(value)}
    if isinstance(value, float):
        names = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
        return {"double_value": names.get(str(value), value)}
    if depth > _DEEPEST and value:
        return {"string_value": json.dumps(value)}
    if isinstance(value, list):
        return {"array_value": {"values": [any_value(each, depth + 1) for each in value]} if value else {}}
    if isinstance(value, dict):
        pairs = [_pair(str(key), each, depth + 1) for key, each in value.items()]
        return {"kvlist_value": {"values": pairs} if pairs else {}}
    return {}


def _sendable(text: str) -> str:
    # JSON inside attributes may hold halves of characters, which UTF-8 cannot.
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _requested(call: Call) -> TraceId:
    trace_id = call.argument("request_id")
    if not trace_id:
        raise WireError("BAD_REQUEST", 'Request must include the "request_id" query parameter.')
    return TraceId(trace_id)


def _named(call: Call, _body: Any) -> Sequence[Resource]:
    return (Resource(ResourceKind.TRACE, _requested(call)),)


ROUTES = (
    Route(
        method="GET",
        path="/mlflow/traces/get",
        versions=(3,),
        body=GetTrace,
        required=("trace_id",),
        handler=get_trace,
        rule=Rule(Access.READ, field(ResourceKind.TRACE, "trace_id")),
    ),
    Route(
        method="GET",
        path="/mlflow/traces/batchGet",
        versions=(3,),
        body=BatchGetTraces,
        required=("trace_ids",),
        handler=batch_get_traces,
        rule=Rule(Access.READ, visible),
    ),
    Route(
        method="GET",
        path="/mlflow/get-trace-artifact",
        versions=(2, 3),
        prefixes=("ajax-api",),
        mode=Mode.STREAM,
        handler=get_trace_artifact,
        rule=Rule(Access.READ, _named),
    ),
)
