from __future__ import annotations

from urllib.parse import quote

import pytest

from millwright.core.ids import TraceId
from millwright.core.records.trace import SpanRecord, TraceRecord, TraceState
from millwright.server.pages.trace import span_bars
from millwright.testing import sample

START = 1_774_785_600_000_000_000
EVIL = "<script>alert(1)</script>\"'"


def span(name, begins, ends, parent=None, **more):
    start, end = START + begins * 10**6, None if ends is None else START + ends * 10**6
    return SpanRecord(id=name, name=name, start_ns=start, end_ns=end, parent_id=parent, **more)


@pytest.fixture
def traced(lab):
    """A trace with three spans, and another that failed."""
    traces = lab.workspace.stores.traces
    for name, state, seconds in (("tr-good", TraceState.OK, 0), ("tr-bad", TraceState.ERROR, 60)):
        record = TraceRecord(
            id=TraceId(name),
            experiment_id=lab.experiment,
            state=state,
            requested_at=sample.moment(seconds),
            duration_ms=100,
            request_preview=f"Which signal? {EVIL}",
            response_preview="The third.",
            metadata={"mlflow.sourceRun": lab.first, EVIL: EVIL},
            tags={"mlflow.traceName": f"ask {name}", EVIL: EVIL},
        )
        traces.put(record)
    spans = [
        span("root", 0, 100, content='{"inputs":{"q":"' + "x" * 5 + '"}}'),
        span("retrieve", 10, 30, "root", type="RETRIEVER"),
        span("answer", 30, 90, "root", type="LLM", model="gpt", status="ERROR", content=EVIL),
    ]
    traces.put_spans(TraceId("tr-good"), spans)
    return lab


def test_experiment_leads_to_its_traces(traced):
    assert f'href="/experiments/{traced.experiment}/traces"' in traced.html(f"/experiments/{traced.experiment}")
    assert "/experiments/0/traces" not in traced.html("/experiments/0")


def test_traces_are_listed_newest_first_and_searched(traced):
    page = traced.page(f"/experiments/{traced.experiment}/traces")
    assert page.index("ask tr-bad error") < page.index("ask tr-good ok")
    assert "The third." in page
    asked = quote("status = 'OK' or tags.x = 'y'")
    assert "tr-bad" not in traced.page(f"/experiments/{traced.experiment}/traces?filter={asked}")
    assert 'role="alert"' in traced.html(f"/experiments/{traced.experiment}/traces?filter=status")


def test_trace_shows_its_spans_along_time(traced):
    html = traced.html("/traces/tr-good")
    page = traced.page("/traces/tr-good")
    assert page.index("root") < page.index("retrieve RETRIEVER") < page.index("answer LLM · gpt")
    assert "failed 60.0 ms" in page
    assert '<rect x="30.0" width="60.0" y="1" height="8" class="is-bad">' in html
    assert 'class="depth-1"' in html
    assert f'href="/tracked/{traced.first}"' in html
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_trace_without_spans_and_one_that_is_not_there_are_told(traced):
    assert "None was kept." in traced.page("/traces/tr-bad")
    assert traced.get("/traces/tr-nothing", accept="text/html").status_code == 404
    assert traced.get("/experiments/999/traces", accept="text/html").status_code == 404


def test_spans_stand_below_what_they_are_part_of_whatever_their_clients_wrote():
    bars = span_bars([span("a", 0, 10), span("c", 2, None, "b"), span("b", 1, 9, "a"), span("lost", 3, 4, "gone")])
    assert [(bar.name, bar.depth) for bar in bars] == [("a", 0), ("b", 1), ("c", 2), ("lost", 0)]
    assert bars[2].took == "running"
    circle = span_bars([span("a", 0, 1, "b"), span("b", 0, 1, "a"), span("self", 0, 0, "self")])
    assert sorted(bar.name for bar in circle) == ["a", "b", "self"]
    assert span_bars([]) == []
    backwards = span_bars([span("a", 5, 1)])
    assert backwards[0].width == 0.4
