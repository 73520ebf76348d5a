"""Traces as clients of version 2 write them: begun first, ended later."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from msgspec import Struct, field

from millwright.core.ids import TraceId
from millwright.core.records.trace import TraceRecord, TraceState
from millwright.server.mlflow.answer import millis, moment
from millwright.server.mlflow.check import MAX_TAG_VALUE
from millwright.server.mlflow.failure import unfit
from millwright.server.mlflow.pair import Pair
from millwright.server.mlflow.permission import Access, ResourceKind, Rule, segment
from millwright.server.mlflow.permission import field as named
from millwright.server.mlflow.route import Mode, Route
from millwright.server.mlflow.traces.trace import facts_of, found, tags_of
from millwright.server.mlflow.traces.trace_shape import old_state_of, old_trace_info
from millwright.server.mlflow.tracking.experiment import active

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from millwright.server.mlflow.call import Call


class BeginTrace(Struct):
    """`POST /mlflow/traces`."""

    experiment_id: str = ""
    timestamp_ms: int = 0
    request_metadata: list[Pair] = field(default_factory=list)
    tags: list[Pair] = field(default_factory=list)


class EndTrace(Struct):
    """`PATCH /mlflow/traces/{request_id}`."""

    timestamp_ms: int = 0
    status: str | int = 0
    request_metadata: list[Pair] = field(default_factory=list)
    tags: list[Pair] = field(default_factory=list)


def begin(call: Call, body: BeginTrace) -> dict[str, Any]:
    """Begin a trace."""
    experiment = active(call, body.experiment_id)
    trace_id = TraceId(uuid4().hex)
    record = TraceRecord(
        id=trace_id,
        experiment_id=experiment.id,
        state=TraceState.IN_PROGRESS,
        requested_at=_moment(body.timestamp_ms),
        metadata=facts_of(_pairs(body.request_metadata, "request_metadata"), "request_metadata", MAX_TAG_VALUE),
        tags=tags_of(_pairs(body.tags, "tags"), experiment, trace_id),
    )
    call.stores.traces.put(record)
    return {"trace_info": old_trace_info(record)}


def end(call: Call, body: EndTrace) -> dict[str, Any]:
    """End a trace; tags and metadata are added to."""
    record = found(call, call.path["request_id"])
    metadata = facts_of(_pairs(body.request_metadata, "request_metadata"), "request_metadata", MAX_TAG_VALUE)
    tags = facts_of(_pairs(body.tags, "tags"), "tags", MAX_TAG_VALUE)
    ended = replace(
        record,
        state=old_state_of(body.status),
        duration_ms=millis(_moment(body.timestamp_ms)) - millis(record.requested_at),
        metadata={**record.metadata, **metadata},
        tags={**record.tags, **tags},
    )
    call.stores.spans.put([ended], {})
    return {"trace_info": old_trace_info(ended)}


def get(call: Call, _body: None) -> dict[str, Any]:
    """Get a trace without its spans."""
    return {"trace_info": old_trace_info(found(call, call.path["request_id"]))}


def _pairs(pairs: Sequence[Pair], parameter: str) -> dict[str, str]:
    if any(not pair.key for pair in pairs):
        raise unfit(parameter, [{"key": pair.key, "value": pair.value} for pair in pairs])
    return {pair.key: pair.value for pair in pairs}


def _moment(milliseconds: int) -> datetime:
    try:
        return moment(milliseconds)
    except OverflowError as error:
        raise unfit("timestamp_ms", milliseconds, "Expected milliseconds since 1970, up to the year 9999.") from error


_ONE = "/mlflow/traces/{request_id}"
_TRACE = segment(ResourceKind.TRACE, "request_id")

ROUTES = (
    Route(
        method="POST",
        path="/mlflow/traces",
        body=BeginTrace,
        required=("experiment_id",),
        mode=Mode.WRITE,
        handler=begin,
        rule=Rule(Access.WRITE, named(ResourceKind.EXPERIMENT, "experiment_id")),
    ),
    Route(method="PATCH", path=_ONE, body=EndTrace, mode=Mode.WRITE, handler=end, rule=Rule(Access.WRITE, _TRACE)),
    Route(method="GET", path=f"{_ONE}/info", handler=get, rule=Rule(Access.READ, _TRACE)),
)
