"""What every `TraceStore` must do."""

# ruff: noqa: S101 - assertions are what a suite is made of
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import NotFoundError
from millwright.core.ids import ExperimentId, TraceId
from millwright.core.records.trace import SpanRecord, TraceLink, TraceRecord, TraceState
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance
from millwright.testing.trace_search import found

if TYPE_CHECKING:
    from millwright.storage.base.traces import TraceStore

_ONE = ExperimentId("1")


def _trace(name: str, minute: int = 0) -> TraceRecord:
    return TraceRecord(
        id=TraceId(name),
        experiment_id=_ONE,
        state=TraceState.IN_PROGRESS,
        requested_at=sample.NOON + timedelta(minutes=minute),
        tags={"a": "1"},
        metadata={"m": "2"},
    )


class TraceStoreConformance(StoreConformance):
    """Subclass it, and define `opener`."""

    def test_trace_comes_back_as_it_was_put_last(self, store: TraceStore) -> None:
        """With its tags and metadata; its spans stay."""
        store.put(_trace("t"))
        assert store.get(TraceId("t")) == _trace("t")
        store.put_spans(TraceId("t"), [SpanRecord(id="s", name="n", start_ns=1)])
        ended = replace(_trace("t"), state=TraceState.OK, duration_ms=3, tags={"b": "ü"}, metadata={})
        store.put(ended)
        assert store.get(TraceId("t")) == ended
        assert len(store.list_spans(TraceId("t"))) == 1

    def test_pages_go_from_the_newest_on_and_miss_nothing(self, store: TraceStore) -> None:
        """Also among equal times."""
        for number in range(6):
            store.put(_trace(f"t{number}", number // 3))
        store.put(replace(_trace("other"), experiment_id=ExperimentId("2")))
        seen: list[str] = []
        page = store.list_traces([_ONE], limit=2)
        while page:
            seen += [record.id for record in page]
            page = store.list_traces([_ONE], limit=2, after=page[-1])
        assert seen == ["t5", "t4", "t3", "t2", "t1", "t0"]
        assert store.list_traces([], limit=2) == []

    def test_tags_are_set_and_removed(self, store: TraceStore) -> None:
        """The others stay."""
        store.put(_trace("t"))
        store.put_tags(TraceId("t"), {"a": "3", "b": "4"})
        store.delete_tag(TraceId("t"), "b")
        assert store.get(TraceId("t")).tags == {"a": "3"}
        with pytest.raises(NotFoundError, match="no tag 'b'"):
            store.delete_tag(TraceId("t"), "b")

    def test_spans_come_back_by_start(self, store: TraceStore) -> None:
        """The same id replaces."""
        store.put(_trace("t"))
        late = SpanRecord(id="a", name="late", start_ns=1 << 60, end_ns=(1 << 60) + 1, parent_id="b", status="OK")
        early = SpanRecord(id="b", name="early", start_ns=1)
        store.put_spans(TraceId("t"), [late, replace(early, content='{"x":1}')])
        store.put_spans(TraceId("t"), [early])
        assert store.list_spans(TraceId("t")) == [early, late]

    def test_deleted_trace_is_gone_with_its_spans(self, store: TraceStore) -> None:
        """And no other."""
        for name in ("t", "u"):
            store.put(_trace(name))
            store.put_spans(TraceId(name), [SpanRecord(id="s", name="n", start_ns=1)])
        assert store.delete([TraceId("t"), TraceId("nobody")]) == 1
        assert store.list_spans(TraceId("t")) == []
        assert len(store.list_spans(TraceId("u"))) == 1
        with pytest.raises(NotFoundError):
            store.get(TraceId("t"))

    def test_trace_that_is_not_there_takes_nothing(self, store: TraceStore) -> None:
        """It is named."""
        with pytest.raises(NotFoundError, match="'x'"):
            store.put_tags(TraceId("x"), {"a": "1"})
        with pytest.raises(NotFoundError, match="'x'"):
            store.delete_tag(TraceId("x"), "a")
        with pytest.raises(NotFoundError, match="'x'"):
            store.put_spans(TraceId("x"), [SpanRecord(id="s", name="n", start_ns=1)])

    def test_trace_linked_with_a_run_is_found_by_it(self, store: TraceStore) -> None:
        """Also when the link came first, and twice."""
        store.put_links(TraceLink.RUN, [(TraceId("t"), "r"), (TraceId("ghost"), "r")])
        store.put_links(TraceLink.RUN, [(TraceId("t"), "r")])
        store.put_links(TraceLink.PROMPT, [(TraceId("u"), "p/1")])
        for name in ("t", "u", "v"):
            store.put(_trace(name))
        store.put(replace(_trace("v"), metadata={"mlflow.sourceRun": "r"}))
        assert found(store, "run_id = 'r'") == ["t", "v"]
        assert found(store, "prompt = 'p/1'") == ["u"]
        store.delete([TraceId("t")])
        store.put(_trace("t"))
        assert found(store, "run_id = 'r'") == ["v"]

    def test_old_traces_are_removed_up_to_a_moment(self, store: TraceStore) -> None:
        """The oldest first, and of that experiment only."""
        for minute in range(5):
            store.put(_trace(f"t{minute}", minute))
        store.put(replace(_trace("other"), experiment_id=ExperimentId("2")))
        assert store.delete_until(_ONE, sample.NOON + timedelta(minutes=3), limit=2) == 2
        assert found(store, "") == ["t4", "t3", "t2"]
        assert store.delete_until(_ONE, sample.NOON + timedelta(minutes=3)) == 2
        assert found(store, "") == ["t4"]
        assert store.get(TraceId("other")).id == "other"
