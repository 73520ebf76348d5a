"""A span of OTLP as it is kept: in the JSON form of MLflow's clients, with what searches and sums go by beside it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from millwright.core.ids import TraceId
from millwright.core.records.trace import SpanRecord
from millwright.server.mlflow.failure import WireError
from millwright.server.mlflow.traces.otlp_decode import kept, plain
from millwright.server.mlflow.traces.span_convention import (
    COST,
    MODEL,
    PROVIDER,
    TYPE,
    complete,
    dump,
    load,
    numbers,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

TRACE_ID = "mlflow.traceRequestId"
_TRACE_BYTES, _SPAN_BYTES = 16, 8
_LAST = 2**63 - 1  # nanoseconds: the year 2262
_MOST_TEXT = 500
_STATUSES = ("UNSET", "OK", "ERROR")
# Agents whose name their users want to see on the root; other names of services are in the resource.
_SERVICES = frozenset({"claude-code", "codex_cli_rs", "codex_vscode", "gemini-cli", "qwen-code"})


@dataclass(frozen=True, kw_only=True, slots=True)
class ArrivedSpan:
    """One span that came, and what its trace takes from it.

    Attributes:
        attributes: JSON text by name, with what other conventions say in MLflow's words.
        resource: What the program that sent it says about itself.
    """

    trace_id: TraceId
    record: SpanRecord
    attributes: Mapping[str, str]
    resource: Mapping[str, Any]


def arrived_spans(request: Any) -> Iterator[ArrivedSpan]:
    """The spans of an `ExportTraceServiceRequest`, in its order.

    Raises:
        WireError: With status 422: a span has no id, or one that is too long, or lies outside of what clocks show.
    """
    for resource_spans in request.resource_spans:
        resource = {kept(each.key): plain(each.value) for each in resource_spans.resource.attributes}
        service = resource.get("service.name")
        more = {"service.name": service} if isinstance(service, str) and service in _SERVICES else {}
        for scope in resource_spans.scope_spans:
            for span in scope.spans:
                yield _arrived(span, resource, {} if span.parent_span_id else more)


def _arrived(span: Any, resource: Mapping[str, Any], more: Mapping[str, str]) -> ArrivedSpan:
    trace_hex = _hex(span.trace_id, _TRACE_BYTES, "trace_id")
    span_hex = _hex(span.span_id, _SPAN_BYTES, "span_id")
    parent_hex = _hex(span.parent_span_id, _SPAN_BYTES, "parent_span_id") if span.parent_span_id else None
    start, end = span.start_time_unix_nano, span.end_time_unix_nano or None
    if start > _LAST or (end or 0) > _LAST:
        raise _unfit("times before the year 2262")
    trace_id = TraceId(f"tr-{trace_hex}")
    attributes = {kept(each.key): dump(plain(each.value)) for each in span.attributes}
    attributes[TRACE_ID] = dump(trace_id)
    attributes.update((key, dump(value)) for key, value in more.items())
    complete(attributes)
    costs = numbers(attributes.get(COST))
    record = SpanRecord(
        id=span_hex,
        name=kept(span.name),
        start_ns=start,
        end_ns=end,
        parent_id=parent_hex,
        status=_status(span),
        content=_content(span, attributes),
        type=_text(attributes, TYPE),
        model=_text(attributes, MODEL),
        provider=_text(attributes, PROVIDER),
        input_cost=costs.get("input_cost"),
        output_cost=costs.get("output_cost"),
        total_cost=costs.get("total_cost"),
    )
    return ArrivedSpan(trace_id=trace_id, record=record, attributes=attributes, resource=resource)


def _content(span: Any, attributes: Mapping[str, str]) -> str:
    content = {
        "trace_id": _base64(span.trace_id, _TRACE_BYTES),
        "span_id": _base64(span.span_id, _SPAN_BYTES),
        "parent_span_id": _base64(span.parent_span_id, _SPAN_BYTES) if span.parent_span_id else None,
        "name": kept(span.name),
        "start_time_unix_nano": span.start_time_unix_nano,
        "end_time_unix_nano": span.end_time_unix_nano or None,
        "events": [
            {
                "name": kept(event.name),
                "time_unix_nano": event.time_unix_nano,
                "attributes": {kept(each.key): plain(each.value) for each in event.attributes},
            }
            for event in span.events
        ],
        "status": {"code": f"STATUS_CODE_{_status(span)}", "message": kept(span.status.message)},
        "attributes": attributes,
        "links": [
            {
                "trace_id": f"tr-{_hex(link.trace_id, _TRACE_BYTES, 'trace_id of a link')}",
                "span_id": _hex(link.span_id, _SPAN_BYTES, "span_id of a link"),
                "attributes": {kept(each.key): plain(each.value) for each in link.attributes} or None,
            }
            for link in span.links
        ],
    }
    return json.dumps(content, ensure_ascii=False)


def _status(span: Any) -> str:
    return _STATUSES[span.status.code] if span.status.code in {1, 2} else _STATUSES[0]


def _hex(found: bytes, length: int, name: str) -> str:
    if not found or len(found) > length:
        raise _unfit(f"a {name} of {length} bytes")
    return found.rjust(length, b"\0").hex()


def _unfit(expected: str) -> WireError:
    message = f"Cannot convert OpenTelemetry span to MLflow span: expected {expected}."
    return WireError("INVALID_PARAMETER_VALUE", message, status=422)


def _base64(found: bytes, length: int) -> str:
    return base64.b64encode(found.rjust(length, b"\0")).decode()


def _text(attributes: Mapping[str, str], name: str) -> str | None:
    value = load(attributes.get(name))
    return kept(value[:_MOST_TEXT]) if isinstance(value, str) else None
