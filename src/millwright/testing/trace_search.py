"""What the search of every `TraceStore` must do."""

# ruff: noqa: S101 - assertions are what a suite is made of
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.filter import TRACES, parse_filter, parse_order
from millwright.core.ids import ExperimentId, TraceId
from millwright.core.records.search import Page, Query
from millwright.core.records.trace import SpanRecord, TraceRecord, TraceState
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance

if TYPE_CHECKING:
    from millwright.storage.base.traces import TraceStore

_ONE, _TWO = ExperimentId("1"), ExperimentId("2")


def trace(name: str, minute: int = 0) -> TraceRecord:
    """A trace of the experiment 1, in progress, of some minutes past noon."""
    return TraceRecord(
        id=TraceId(name),
        experiment_id=_ONE,
        state=TraceState.IN_PROGRESS,
        requested_at=sample.NOON + timedelta(minutes=minute),
        tags={"a": "1"},
        metadata={"m": "2"},
    )


def found(store: TraceStore, text: str, *order: str) -> list[str]:
    """The ids of the experiment 1's traces that a filter finds, in order."""
    return [record.id for record in page(store, text, *order).items]


def page(store: TraceStore, text: str, *order: str, limit: int = 100, after: str | None = None) -> Page[TraceRecord]:
    """A page of the experiment 1's traces."""
    query = Query(
        where=parse_filter(text, TRACES),
        order=tuple(parse_order(each, TRACES) for each in order),
        limit=limit,
        after=after,
    )
    return store.search(query, experiment_ids=[_ONE])


def _fill(store: TraceStore) -> None:
    first = replace(
        trace("a", 1),
        state=TraceState.OK,
        duration_ms=1500,
        request_preview="Hello",
        client_request_id="c",
        tags={"mlflow.traceName": "chat", "t": "x", "odd key": "Ünï"},
        metadata={"m": "1", "mlflow.trace.user": "ada"},
    )
    second = replace(trace("b", 2), state=TraceState.ERROR, duration_ms=5, tags={"t": "Y"}, metadata={})
    for record in (first, second, replace(trace("c"), state=TraceState.UNSPECIFIED, tags={}, metadata={})):
        store.put(record)
    content = '{"attributes": {"model": "\\"gpt\\"", "n": "5", "a b": "\\"z\\""}}'
    store.put_spans(
        TraceId("a"),
        [
            SpanRecord(id="1", name="root", start_ns=1, status="OK", type="CHAIN"),
            SpanRecord(id="2", name="call", start_ns=2, status="ERROR", type="LLM", content=content),
        ],
    )


class TraceSearchConformance(StoreConformance):
    """Subclass it, and define `opener`."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("", "bac"),
            ("status = 'OK'", "a"),
            ("trace.status IN ('OK', 'ERROR')", "ba"),
            ("status = 'STATE_UNSPECIFIED'", "c"),
            ("attributes.status != 'OK'", "bc"),
            ("request_id = 'a'", "a"),
            ("client_request_id LIKE 'c%'", "a"),
            ("request ILIKE '%hell%'", "a"),
            ("execution_time_ms > 5", "a"),
            ("execution_time <= 5", "b"),
            ("name = 'chat'", "a"),
            ("trace.name RLIKE '^ch.t$'", "a"),
            ("tag.t != 'x'", "b"),
            ("tags.t ILIKE 'y'", "b"),
            ("tags.t LIKE 'y'", ""),
            ("tags.`odd key` = 'Ünï'", "a"),
            ("tag.t IS NULL", "c"),
            ("tag.t IS NOT NULL", "ba"),
            ("tag.t RLIKE '[xY]'", "ba"),
            ("metadata.m = '1'", "a"),
            ("request_metadata.m IS NULL", "bc"),
            ("metadata.mlflow.trace.user = 'ada'", "a"),
            ("span.name = 'call'", "a"),
            ("span.name = 'call' AND span.type = 'LLM'", "a"),
            ("span.name = 'root' AND span.type = 'LLM'", ""),
            ("span.type IN ('CHAIN')", "a"),
            ("span.status = 'ERROR' AND status = 'OK'", "a"),
            ("span.attributes.model = 'gpt'", "a"),
            ("span.attributes.model LIKE '%p%'", "a"),
            ("span.attributes.model IN ('gpt', 'x')", "a"),
            ("span.attributes.`a b` = 'z'", "a"),
            ("span.attributes.n = '5'", "a"),
            ("span.attributes.n = '6'", ""),
            ("trace.text LIKE '%gpt%'", "a"),
            ("run_id = 'nobody'", ""),
            ("prompt = 'p/1'", ""),
            ("feedback.q = 'x'", ""),
            ("feedback.q IS NULL", "bac"),
            ("expectation.q > 0.5", ""),
            ("issue.id = 'i'", ""),
        ],
    )
    def test_filter_finds_what_fits(self, store: TraceStore, text: str, expected: str) -> None:
        """The newest first."""
        _fill(store)
        assert found(store, text) == list(expected)

    def test_times_are_compared_in_milliseconds(self, store: TraceStore) -> None:
        """Of the start and of the end."""
        _fill(store)
        start = round((sample.NOON + timedelta(minutes=1)).timestamp() * 1000)
        assert found(store, f"timestamp_ms > {start}") == ["b"]
        assert found(store, f"timestamp >= {start} AND trace.timestamp_ms <= {start}") == ["a"]
        assert found(store, f"end_time_ms = {start + 1500}") == ["a"]

    @pytest.mark.parametrize(
        ("order", "expected"),
        [
            ("timestamp_ms ASC", "cab"),
            ("execution_time_ms DESC", "abc"),
            ("execution_time ASC", "bac"),
            ("end_time DESC", "bac"),
            ("tag.t ASC", "bac"),
            ("tags.t DESC", "abc"),
            ("metadata.m", "abc"),
            ("status", "bac"),
            ("name DESC", "abc"),
            ("request_id DESC", "cba"),
        ],
    )
    def test_order_is_that_asked_for_on_every_page(self, store: TraceStore, order: str, expected: str) -> None:
        """What has no value comes last."""
        _fill(store)
        assert found(store, "", order) == list(expected)
        seen: list[str] = []
        token = None
        while True:
            part = page(store, "", order, limit=1, after=token)
            seen += [record.id for record in part.items]
            token = part.next_token
            if token is None:
                break
        assert seen == list(expected)

    def test_experiments_are_searched_together(self, store: TraceStore) -> None:
        """In one order; none of them gives nothing."""
        for number in range(6):
            store.put(replace(trace(f"t{number}", number // 2), experiment_id=(_ONE, _TWO)[number % 2]))
        query = Query(limit=4)
        first = store.search(query, experiment_ids=[_ONE, _TWO])
        assert [record.id for record in first.items] == ["t4", "t5", "t2", "t3"]
        last = store.search(replace(query, after=first.next_token), experiment_ids=[_TWO, _ONE])
        assert [record.id for record in last.items] == ["t0", "t1"]
        assert last.next_token is None
        assert store.search(query, experiment_ids=[]) == Page()
        assert first.items[0].metadata == {"m": "2"}

    def test_search_refuses_what_it_cannot_do(self, store: TraceStore) -> None:
        """In words."""
        _fill(store)
        first = page(store, "", limit=1)
        with pytest.raises(InvalidInputError, match="token"):
            page(store, "status = 'OK'", limit=1, after=first.next_token)
        with pytest.raises(InvalidInputError, match="duplicate"):
            found(store, "", "timestamp", "timestamp_ms DESC")
        with pytest.raises(InvalidInputError, match="regular expression"):
            found(store, "name RLIKE '('")
        with pytest.raises(InvalidInputError, match="sorted"):
            found(store, "", "span.name")
