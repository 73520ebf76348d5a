"""What spans make of their trace."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from millwright.core.ids import ExperimentId
from millwright.core.records.trace import TraceState
from millwright.server.mlflow.answer import moment
from millwright.server.mlflow.traces.span_shape import ArrivedSpan, arrived_spans
from millwright.server.mlflow.traces.trace_ingest import FINALIZED, TOKENS, by_trace, completed, made, wants_stored

from .test_otlp import request

_ONE = ExperimentId("1")


def _span(number: int, parent: int = 0, tokens: int | None = None, **more: Any) -> ArrivedSpan:
    attributes = {} if tokens is None else {"mlflow.chat.tokenUsage": {"input_tokens": tokens}}
    shape = {"id": f"{number:016x}", "parent": f"{parent:016x}" if parent else "", "attributes": attributes}
    (span,) = arrived_spans(request(shape | more))
    return span


def _tokens(trace: Any) -> Any:
    return json.loads(trace.metadata[TOKENS])["input_tokens"] if TOKENS in trace.metadata else None


def test_span_that_sums_up_speaks_for_those_below_it() -> None:
    spans = [_span(1), _span(2, 1, tokens=10), _span(3, 2, tokens=4), _span(4, 3, tokens=4), _span(5, 1, tokens=1)]
    assert _tokens(made(spans[0].trace_id, _ONE, spans, "")) == 11


def test_sums_are_the_same_in_whatever_requests_spans_come() -> None:
    spans = [_span(1), _span(2, 1, tokens=10), _span(3, 2, tokens=4)]
    trace = made(spans[0].trace_id, _ONE, [spans[2]], "")
    assert _tokens(trace) == 4
    assert wants_stored([spans[1]])
    assert _tokens(completed(trace, [spans[1], spans[0]], [spans[2].record])) == 10


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 6), st.none() | st.integers(0, 9)), min_size=1, max_size=8))
def test_spans_in_a_circle_come_to_an_end(shape: list[tuple[int, int, int | None]]) -> None:
    (spans,) = by_trace(_span(*each) for each in shape).values()
    trace = made(spans[0].trace_id, _ONE, spans, "")
    assert (_tokens(trace) is None) == all("mlflow.chat.tokenUsage" not in span.attributes for span in spans)


def test_what_the_client_said_of_the_trace_stays() -> None:
    first = made(_span(1).trace_id, _ONE, [_span(1)], "")
    said = replace(
        first,
        requested_at=moment(5),
        duration_ms=7,
        request_preview="mine",
        state=TraceState.OK,
        metadata={FINALIZED: "true", TOKENS: '{"input_tokens": 1}', "mlflow.trace.user": "ada"},
    )
    inputs = {"mlflow.spanInputs": "x", "user.id": "eve", "mlflow.chat.tokenUsage": {"input_tokens": 50}}
    found = completed(said, [_span(1, status=2, attributes=inputs)], ())
    assert found == replace(said, tags=found.tags)


def test_tags_come_from_the_resource_and_then_from_the_root() -> None:
    attributes = {"mlflow.traceTag.a": "root", "mlflow.traceTag.mlflow.artifactLocation": "elsewhere"}
    spans = list(
        arrived_spans(request({"attributes": attributes}, a="resource", telemetry_sdk_name="x", mlflow_x="y", b="c"))
    )
    trace = made(spans[0].trace_id, _ONE, spans, "here")
    assert trace.tags == {
        "a": "root",
        "b": "c",
        "mlflow.artifactLocation": "here",
        "mlflow.trace.spansLocation": "TRACKING_STORE",
    }


def test_session_and_user_are_those_of_the_first_span_that_says_them() -> None:
    spans = [_span(1), _span(2, 1, attributes={"gen_ai.conversation.id": "s", "user.id": "u" * 300})]
    trace = made(spans[0].trace_id, _ONE, spans, "")
    assert trace.metadata == {"mlflow.trace.session": "s", "mlflow.trace.user": "u" * 250}
