"""Traces of an experiment, and one of them: its spans as a waterfall, each with what it kept."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

from litestar import get
from litestar.response import Template

from millwright.core.errors import InvalidInputError
from millwright.core.filter import TRACES
from millwright.core.ids import ExperimentId, TraceId
from millwright.core.records.search import Page
from millwright.server.api.listing import Name, PageToken, query_of
from millwright.server.injection import FromApp
from millwright.server.pages.element import Code, Link, Section, Table
from millwright.server.pages.element import Page as Shown
from millwright.server.pages.experiment import Text
from millwright.server.pages.part import Box, Pager, SearchForm, SpanBar, Waterfall
from millwright.server.pages.rendering import show
from millwright.server.pages.run_listing import HIDDEN
from millwright.server.pages.wording import asked, route, shortened, status, tracked_link

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.core.records.experiment import ExperimentRecord
    from millwright.core.records.trace import SpanRecord, TraceRecord
    from millwright.server.pages.element import Cell, Part

RUN = "mlflow.sourceRun"  # the run that a trace was made in, among its metadata
_SHOWN = 100
_SPANS = 500
_CONTENT = 20_000  # characters of a span's content


@get("/experiments/{experiment_id:str}/traces", sync_to_thread=True, include_in_schema=False)
def show_traces(
    services: FromApp,
    experiment_id: Name,
    filter: Text = "",  # noqa: A002 - the parameter's name in the address
    page_token: PageToken = None,
) -> Template:
    """Show an experiment's traces, the newest first."""
    stores = services.stores
    experiment = stores.experiments.get(ExperimentId(experiment_id))
    error = ("", "")
    page: Page[TraceRecord] = Page(items=())
    try:
        query = query_of(TRACES, filter, (), limit=_SHOWN, page_token=page_token)
        page = stores.traces.search(query, experiment_ids=[experiment.id])
    except InvalidInputError as refused:
        error = (refused.message, refused.hint)
    path = route("experiments", experiment.id, "traces")
    box = Box(name="filter", label="Filter", value=filter, example="status = 'ERROR' and span.type = 'LLM'", wide=True)
    parts: list[Part] = [SearchForm(action=path, boxes=[box], error=error[0], hint=error[1])]
    links = [Link("First page", asked(path, ("filter", filter)))] if page_token else []
    if page.next_token:
        links.append(Link("Next page", asked(path, ("filter", filter), ("page_token", page.next_token))))
    sections = [Section(title="Search", parts=parts)]
    if not error[0]:
        pager = [Pager(links=links)] if links else []
        sections.append(Section(title="Traces", tables=[_table(page.items)], parts=pager))
    trail = [Link("Experiments", "/experiments"), _experiment_link(experiment)]
    return show(Shown(title="Traces", place="/experiments", trail=trail, sections=sections))


@get("/traces/{trace_id:str}", sync_to_thread=True, include_in_schema=False)
def show_trace(services: FromApp, trace_id: Name) -> Template:
    """Show a trace: what was asked and answered, and its spans along time."""
    stores = services.stores
    trace = stores.traces.get(TraceId(trace_id))
    experiment = stores.experiments.get(trace.experiment_id)
    spans = stores.traces.list_spans(trace.id)
    told = ["Open one to see what was kept of it."] if spans else ["None was kept."]
    if len(spans) > _SPANS:
        told.append(f"The first {_SPANS} of {len(spans):,} spans.")
    bars = span_bars(spans[:_SPANS])
    run_id = trace.metadata.get(RUN)
    facts: list[tuple[str, Cell]] = [
        ("Begun", trace.requested_at),
        ("Milliseconds", trace.duration_ms),
        ("Spans", len(spans)),
        ("Tracked run", tracked_link(run_id) if run_id else None),
    ]
    sections = [
        Section(title="Result", facts=facts, details=_asked(trace)),
        Section(title="Spans", text=told, parts=[Waterfall(bars=bars)]),
        Section(title="Facts", tables=[_pairs("Metadata", trace.metadata), _pairs("Tag", trace.tags)]),
    ]
    trail = [
        Link("Experiments", "/experiments"),
        _experiment_link(experiment),
        Link("Traces", route("experiments", experiment.id, "traces")),
    ]
    return show(
        Shown(
            title=_name(trace),
            place="/experiments",
            badges=[status(trace.state)],
            trail=trail,
            sections=sections,
        )
    )


def span_bars(spans: Sequence[SpanRecord]) -> list[SpanBar]:
    """Spans along time, each below the one that it is a part of; those of no known parent stand at the left."""
    if not spans:
        return []
    first = min(span.start_ns for span in spans)
    last = max(max(span.end_ns or span.start_ns, span.start_ns) for span in spans)
    whole = max(last - first, 1)
    known = {span.id for span in spans}
    inside: dict[str | None, list[SpanRecord]] = {}
    for span in spans:
        parent = span.parent_id if span.parent_id in known and span.parent_id != span.id else None
        inside.setdefault(parent, []).append(span)
    ordered: list[tuple[int, SpanRecord]] = []
    waiting = [(0, span) for span in reversed(inside.pop(None, []))]
    while waiting or inside:
        if not waiting:  # spans in a circle: some client wrote nonsense
            waiting = [(0, span) for span in reversed(inside.pop(next(iter(inside))))]
        depth, span = waiting.pop()
        ordered.append((depth, span))
        waiting += [(depth + 1, each) for each in reversed(inside.pop(span.id, []))]
    return [_bar(span, depth, first, whole) for depth, span in ordered]


def _bar(span: SpanRecord, depth: int, first: int, whole: int) -> SpanBar:
    took = None if span.end_ns is None else (span.end_ns - span.start_ns) / 1e6
    return SpanBar(
        name=shortened(span.name),
        note=" · ".join(each for each in (span.type, span.model) if each),
        depth=min(depth, 12),
        start=100 * (span.start_ns - first) / whole,
        width=max(100 * ((span.end_ns or first + whole) - span.start_ns) / whole, 0.4),
        took="running" if took is None else f"{took:,.1f} ms",
        failed=span.status.upper().endswith("ERROR"),
        content=_content(span.content),
    )


def _content(text: str) -> str:
    with suppress(ValueError, RecursionError):
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return text if len(text) <= _CONTENT else f"{text[:_CONTENT]}\n…"


def _name(trace: TraceRecord) -> str:
    return shortened(trace.tags.get("mlflow.traceName", "")) or f"…{trace.id[-8:]}"


def _experiment_link(experiment: ExperimentRecord) -> Link:
    return Link(shortened(experiment.name), route("experiments", experiment.id))


def _table(traces: Sequence[TraceRecord]) -> Table:
    rows: list[list[Cell]] = []
    for trace in traces:
        run_id = trace.metadata.get(RUN)
        rows.append(
            [
                Link(_name(trace), route("traces", trace.id)),
                status(trace.state),
                trace.requested_at,
                trace.duration_ms,
                shortened(trace.request_preview or "", 100) or None,
                shortened(trace.response_preview or "", 100) or None,
                tracked_link(run_id) if run_id else None,
            ]
        )
    headers = ["Trace", "State", "Begun", "Milliseconds", "Asked", "Answered", "Run"]
    return Table(headers=headers, rows=rows, empty="No trace fits.")


def _asked(trace: TraceRecord) -> list[tuple[str, Cell]]:
    told: list[tuple[str, Cell]] = [
        ("Asked", shortened(trace.request_preview or "", 1000) or None),
        ("Answered", shortened(trace.response_preview or "", 1000) or None),
        ("Trace id", Code(trace.id)),
    ]
    return [*told, ("Caller's id", trace.client_request_id)] if trace.client_request_id else told


def _pairs(head: str, pairs: Mapping[str, str]) -> Table:
    ordered = sorted(pairs.items(), key=lambda item: (item[0].startswith(HIDDEN), item[0]))
    rows: list[list[Cell]] = [[key, shortened(value, 1000)] for key, value in ordered]
    return Table(headers=[head, "Value"], rows=rows, empty=f"No {head.lower()}.")
