"""What arriving spans make of their traces: times, state, previews, session, tokens and costs, in whatever order.

Spans may come before the trace's own information or after it, in several requests, twice. Sums of tokens and costs go
over the whole tree: a span that has some speaks for all below it, as clients that sum up themselves mean it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from millwright.core.records.trace import TraceRecord, TraceState
from millwright.server.mlflow.answer import moment
from millwright.server.mlflow.traces.otlp_decode import kept
from millwright.server.mlflow.traces.span_convention import (
    CACHE_KEYS,
    COST,
    COST_KEYS,
    INPUTS,
    OUTPUTS,
    USAGE,
    USAGE_KEYS,
    load,
    numbers,
)
from millwright.server.mlflow.traces.trace_preview import preview

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from millwright.core.ids import ExperimentId, TraceId
    from millwright.core.records.trace import SpanRecord
    from millwright.server.mlflow.traces.span_shape import ArrivedSpan

FINALIZED = "mlflow.trace.infoFinalized"  # the trace's own information came: times are as it says
LOCATION = "mlflow.trace.spansLocation"
ARTIFACTS = "mlflow.artifactLocation"
TOKENS = "mlflow.trace.tokenUsage"
TRACE_COST = "mlflow.trace.cost"
SESSION = "mlflow.trace.session"
USER = "mlflow.trace.user"
STORE = "TRACKING_STORE"
_SESSIONS = ("session.id", "gen_ai.conversation.id")
_TAG = "mlflow.traceTag."
_NOT_TAGS = ("telemetry.sdk.", "mlflow.")
_MAX_KEY, _MAX_TAG, _MAX_METADATA = 250, 4096, 250
_NS_IN_MS = 1_000_000


def by_trace(spans: Iterable[ArrivedSpan]) -> dict[TraceId, list[ArrivedSpan]]:
    """Spans by trace; of two of the same id the last one, in the place of the first."""
    found: defaultdict[TraceId, dict[str, ArrivedSpan]] = defaultdict(dict)
    for span in spans:
        found[span.trace_id][span.record.id] = span
    return {trace_id: list(each.values()) for trace_id, each in found.items()}


def made(trace_id: TraceId, experiment_id: ExperimentId, spans: Sequence[ArrivedSpan], location: str) -> TraceRecord:
    """A trace of which only spans are known.

    Args:
        trace_id: Its id.
        experiment_id: Where it belongs.
        spans: All that came.
        location: Where its files would be.
    """
    start = min(span.record.start_ns for span in spans) // _NS_IN_MS
    record = TraceRecord(
        id=trace_id,
        experiment_id=experiment_id,
        state=TraceState.IN_PROGRESS,
        requested_at=moment(start),
        tags={ARTIFACTS: location},
    )
    return completed(record, spans, ())


def completed(trace: TraceRecord, spans: Sequence[ArrivedSpan], stored: Sequence[SpanRecord]) -> TraceRecord:
    """A trace with what arriving spans add to it.

    Args:
        trace: As it was.
        spans: What came.
        stored: Spans that are there already; needed where `wants_stored` says so.
    """
    root = next((span for span in spans if span.record.parent_id is None), None)
    if FINALIZED not in trace.metadata:
        trace = _timed(trace, spans)
    if root is not None:
        trace = _rooted(trace, root)
    metadata = dict(trace.metadata)
    arrived = {span.record.id for span in spans}
    nodes = [(span.record.id, span.record.parent_id, span.attributes) for span in spans]
    nodes += [(span.id, span.parent_id, _attributes(span)) for span in stored if span.id not in arrived]
    if FINALIZED not in metadata or TOKENS not in metadata:
        _put_sum(metadata, TOKENS, _sum(nodes, USAGE, USAGE_KEYS, CACHE_KEYS))
    if FINALIZED not in metadata or TRACE_COST not in metadata:
        _put_sum(metadata, TRACE_COST, _sum(nodes, COST, COST_KEYS))
    for key, value in ((SESSION, _said(spans, *_SESSIONS)), (USER, _said(spans, "user.id"))):
        if value:
            metadata.setdefault(key, value[:_MAX_METADATA])
    return replace(trace, metadata=metadata, tags={**trace.tags, **_tags(spans, root), LOCATION: STORE})


def wants_stored(spans: Sequence[ArrivedSpan]) -> bool:
    """Whether sums have to be made again over all spans of the trace."""
    return any(USAGE in span.attributes or COST in span.attributes for span in spans)


def _timed(trace: TraceRecord, spans: Sequence[ArrivedSpan]) -> TraceRecord:
    start = moment(min(span.record.start_ns for span in spans) // _NS_IN_MS)
    ends = [moment(span.record.end_ns // _NS_IN_MS) for span in spans if span.record.end_ns is not None]
    if trace.duration_ms is not None:
        ends.append(trace.requested_at + _MILLISECOND * trace.duration_ms)
    start = min(start, trace.requested_at)
    duration = (max(ends) - start) // _MILLISECOND if ends else None
    return replace(trace, requested_at=start, duration_ms=duration)


_MILLISECOND = moment(1) - moment(0)


def _rooted(trace: TraceRecord, root: ArrivedSpan) -> TraceRecord:
    state = trace.state
    if state in {TraceState.IN_PROGRESS, TraceState.UNSPECIFIED}:
        state = TraceState.ERROR if root.record.status == "ERROR" else TraceState.OK
    asked, answered = trace.request_preview, trace.response_preview
    if asked is None and INPUTS in root.attributes:
        asked = preview(root.attributes[INPUTS], "user")
    if answered is None and OUTPUTS in root.attributes:
        answered = preview(root.attributes[OUTPUTS], "assistant")
    return replace(trace, state=state, request_preview=asked, response_preview=answered)


def _attributes(span: SpanRecord) -> Mapping[str, str]:
    if USAGE not in span.content and COST not in span.content:
        return {}
    held = load(span.content)
    attributes = held.get("attributes") if isinstance(held, dict) else None
    return attributes if isinstance(attributes, dict) else {}


def _sum(
    nodes: Sequence[tuple[str, str | None, Mapping[str, str]]],
    attribute: str,
    keys: Sequence[str],
    optional: Sequence[str] = (),
) -> dict[str, float]:
    held = {id_: found for id_, _, attributes in nodes if (found := _object(attributes.get(attribute))) is not None}
    if not held:
        return {}
    parents = {id_: parent for id_, parent, _ in nodes}
    covered: dict[str | None, bool] = {None: False}
    total = dict.fromkeys(keys, 0.0)
    for id_, found in held.items():
        if _covered(parents.get(id_), parents, held, covered):
            continue
        for key in (*keys, *optional):
            if key in found:
                total[key] = total.get(key, 0.0) + found[key]
    return total


def _object(text: str | None) -> dict[str, float] | None:
    return numbers(text) if text is not None and isinstance(load(text), dict) else None


def _covered(
    id_: str | None,
    parents: Mapping[str, str | None],
    held: Mapping[str, Any],
    known: dict[str | None, bool],
) -> bool:
    """Whether a span or one above it has numbers; what was found out is kept for others. Bears spans in a circle."""
    way: list[str | None] = []
    seen: set[str | None] = set()
    while id_ not in known and id_ not in seen and id_ not in held:
        seen.add(id_)
        way.append(id_)
        id_ = parents.get(id_) if id_ is not None else None
    found = id_ in held or known.get(id_, False)
    known.update(dict.fromkeys(way, found))
    return found


def _put_sum(metadata: dict[str, str], key: str, total: Mapping[str, float]) -> None:
    if total:
        whole = {name: int(value) if key == TOKENS else value for name, value in total.items()}
        metadata[key] = json.dumps(whole)


def _said(spans: Sequence[ArrivedSpan], *names: str) -> str:
    for span in spans:
        for name in names:
            if value := load(span.attributes.get(name)):
                return kept(value if isinstance(value, str) else json.dumps(value))
    return ""


def _tags(spans: Sequence[ArrivedSpan], root: ArrivedSpan | None) -> dict[str, str]:
    tags: dict[str, str] = {}
    resource = next((span.resource for span in spans if span.resource), {})
    for key, value in resource.items():
        if not key.startswith(_NOT_TAGS):
            _put_tag(tags, key, value)
    for key, text in root.attributes.items() if root is not None else ():
        if key.startswith(_TAG):
            _put_tag(tags, key.removeprefix(_TAG), load(text))
    return {key: value for key, value in tags.items() if key not in {LOCATION, ARTIFACTS}}


def _put_tag(tags: dict[str, str], key: str, value: Any) -> None:
    if key and len(key) <= _MAX_KEY:
        tags[kept(key)] = kept(value if isinstance(value, str) else json.dumps(value))[:_MAX_TAG]
