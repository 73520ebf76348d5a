"""What every `SpanStore` must do."""

# ruff: noqa: S101 - assertions are what a suite is made of
from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import NotFoundError
from millwright.core.ids import ExperimentId, TraceId
from millwright.core.records.trace import SpanRecord, TraceRecord, TraceState
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance

if TYPE_CHECKING:
    from millwright.storage.base.spans import SpanStore


def _trace(name: str) -> TraceRecord:
    return TraceRecord(
        id=TraceId(name),
        experiment_id=ExperimentId("1"),
        state=TraceState.IN_PROGRESS,
        requested_at=sample.NOON,
        tags={"a": "1", "b": "2"},
        metadata={"m": "3"},
    )


def _span(name: str, start: int = 1) -> SpanRecord:
    return SpanRecord(id=name, name=f"does {name}", start_ns=start)


class SpanStoreConformance(StoreConformance):
    """Subclass it, and define `opener`."""

    def test_traces_and_spans_come_back_as_they_were_put(self, store: SpanStore) -> None:
        """Spans by start, then id, with all that is known of them."""
        whole = SpanRecord(
            id="c",
            name="ü",
            start_ns=1,
            end_ns=2**62,
            parent_id="a",
            status="OK",
            content="{}",
            type="LLM",
            model="m",
            provider="p",
            input_cost=0.5,
            output_cost=1.5,
            total_cost=2.0,
        )
        one, two = TraceId("one"), TraceId("two")
        store.put([_trace("two"), _trace("one")], {one: [_span("b", 2), whole, _span("a", 0)], two: [_span("a")]})
        assert store.find_traces([one, two, TraceId("three")]) == {one: _trace("one"), two: _trace("two")}
        assert store.list_spans([one, two]) == {one: [_span("a", 0), whole, _span("b", 2)], two: [_span("a")]}

    def test_later_trace_keeps_the_tags_and_metadata_it_does_not_name(self, store: SpanStore) -> None:
        """What it names is replaced."""
        one = TraceId("one")
        store.put([_trace("one")], {})
        store.put([replace(_trace("one"), state=TraceState.OK, tags={"b": "3"}, metadata={"n": "4"})], {})
        expected = replace(_trace("one"), state=TraceState.OK, tags={"a": "1", "b": "3"}, metadata={"m": "3", "n": "4"})
        assert store.find_traces([one]) == {one: expected}

    def test_span_that_comes_again_replaces_the_first(self, store: SpanStore) -> None:
        """Also within a call."""
        one = TraceId("one")
        ended = replace(_span("a"), end_ns=9)
        store.put([_trace("one")], {one: [_span("a"), ended]})
        store.put([], {one: [_span("b"), replace(ended, status="OK")]})
        assert store.list_spans([one]) == {one: [replace(ended, status="OK"), _span("b")]}

    def test_span_of_no_trace_is_refused(self, store: SpanStore) -> None:
        """And nothing is written."""
        with pytest.raises(NotFoundError, match="nowhere"):
            store.put([_trace("one")], {TraceId("nowhere"): [_span("a")]})
        assert store.find_traces([TraceId("one")]) == {}

    def test_many_traces_are_found_at_once(self, store: SpanStore) -> None:
        """More than one statement takes."""
        names = [TraceId(f"t{number}") for number in range(1200)]
        store.put([_trace(name) for name in names], {name: [_span("a")] for name in names})
        assert len(store.find_traces(names)) == len(store.list_spans(names)) == 1200
