"""Tracked runs side by side: where they differ, their histories on one chart, and one figure over another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from litestar import get
from litestar.params import QueryParameter
from litestar.response import Template

from millwright.core.ids import RunId
from millwright.server.injection import FromApp
from millwright.server.pages.element import Link, Marked, Page, Section, Table
from millwright.server.pages.experiment import Text, Texts
from millwright.server.pages.part import Charts, Choice, Dot, Menu, Pager, Scatter, SearchForm
from millwright.server.pages.rendering import show
from millwright.server.pages.run_history import chart_of
from millwright.server.pages.run_listing import HIDDEN, SYSTEM
from millwright.server.pages.wording import asked, route, seconds, shortened, status, tracked_link

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.core.records.run import RunRecord
    from millwright.server.pages.element import Cell

_MOST = 50
_CHARTS = 200
_EVEN = 6  # runs up to which columns can all be of one width


@get("/compare", sync_to_thread=True, include_in_schema=False)
def show_comparison(
    services: FromApp,
    runs: Annotated[str, QueryParameter(description="Ids of runs, with commas between them.")] = "",
    run: Texts = None,
    x: Text = "",
    y: Text = "",
    only: Text = "",
) -> Template:
    """Show runs side by side."""
    ids = list(dict.fromkeys(each.strip() for each in [*runs.split(","), *(run or ())] if each.strip()))
    found = [services.stores.runs.get_run(RunId(each)) for each in ids[:_MOST]]
    trail = [Link("Experiments", "/experiments")]
    for experiment_id in list(dict.fromkeys(each.experiment_id for each in found))[:3]:
        experiment = services.stores.experiments.get(experiment_id)
        trail.append(Link(shortened(experiment.name), route("experiments", experiment.id)))
    if not found:
        said = "Expected two or more runs, found none. Pick them in the table of an experiment."
        sections = [Section(title="Nothing to compare", text=[said])]
    else:
        told = [f"The first {_MOST} of {len(ids)} runs."] if len(ids) > _MOST else []
        sections = _sections(found, told, axes=(x, y), only=bool(only))
    return show(
        Page(
            title=f"{len(found)} runs",
            place="/experiments",
            trail=trail,
            sections=sections,
            draws=bool(found),
            wide=len(found) > _EVEN,
        )
    )


def _sections(runs: Sequence[RunRecord], told: list[str], *, axes: tuple[str, str], only: bool) -> list[Section]:
    given = [("run", run.id) for run in runs]
    every = Link("Show everything", asked("/compare", *given))
    differing = Link("Show only what differs", asked("/compare", *given, ("only", "1")))
    heads = [tracked_link(run.id, shortened(run.name, 40)) for run in runs]

    def table(head: str, values: Sequence[Mapping[str, Any]], empty: str) -> Table:
        rows = _rows(values, only=only)
        return Table(
            headers=[head, *heads], rows=rows, empty="Nothing differs." if only else empty, even=len(runs) <= _EVEN
        )

    metrics = [{key: value for key, value in run.metrics.items() if not key.startswith(SYSTEM)} for run in runs]
    tags = [{key: value for key, value in run.tags.items() if not key.startswith(HIDDEN)} for run in runs]
    facts = Section(
        title="Runs",
        text=[*told, "What is other than in the first run is marked."],
        tables=[table("", [_facts(run) for run in runs], "")],
        parts=[Pager(links=[every if only else differing])],
    )
    return [
        facts,
        Section(title="Parameters", tables=[table("Parameter", [run.params for run in runs], "None was logged.")]),
        Section(title="Metrics", tables=[table("Metric", metrics, "None was logged.")]),
        *_histories(runs),
        *_scatter(runs, axes),
        Section(title="Tags", tables=[table("Tag", tags, "None was set.")]),
    ]


def _facts(run: RunRecord) -> dict[str, Cell]:
    return {
        "Status": status(run.status),
        "Started": run.started_at,
        "Seconds": seconds(run.started_at, run.ended_at),
        "User": run.user or None,
    }


def _rows(values: Sequence[Mapping[str, Any]], *, only: bool) -> list[list[Cell]]:
    """A row for each key, in the order of the first run that has it; NaN is the same as NaN."""
    rows: list[list[Cell]] = []
    for key in dict.fromkeys(key for each in values for key in each):
        found = [each.get(key) for each in values]
        differs = [repr(value) != repr(found[0]) for value in found]
        if any(differs) or not only:
            cells = [shortened(value, 200) if isinstance(value, str) else value for value in found]
            marked = [Marked(cell) if other else cell for cell, other in zip(cells, differs, strict=True)]
            rows.append([key, *marked])
    return rows


def _histories(runs: Sequence[RunRecord]) -> list[Section]:
    grown = {key for run in runs for key, point in run.latest.items() if point.step > 0}
    keys = sorted(grown, key=lambda key: (key.startswith(SYSTEM), key))
    if not keys:
        return []
    named = [(run, run.name or run.id[-8:]) for run in runs]
    charts = [chart_of(key, [(run.id, name) for run, name in named if key in run.metrics]) for key in keys[:_CHARTS]]
    text = [f"The first {_CHARTS} of {len(keys)} metrics."] if len(keys) > _CHARTS else []
    return [Section(title="Histories", text=text, parts=[Charts(charts=charts)])]


def _scatter(runs: Sequence[RunRecord], axes: tuple[str, str]) -> list[Section]:
    params = sorted({f"params.{key}" for run in runs for key in run.params})
    metrics = sorted({f"metrics.{key}" for run in runs for key in run.metrics if not key.startswith(SYSTEM)})
    known = [*metrics, *params]
    if len(runs) < 2 or len(known) < 2:
        return []
    y = axes[1] if axes[1] in known else known[0]
    others = [*params, *metrics]
    x = axes[0] if axes[0] in known else next(each for each in others if each != y)
    form = SearchForm(
        action="/compare",
        menus=[_menu("x", "Across", known, x), _menu("y", "Up", known, y)],
        hidden=[("run", run.id) for run in runs],
        button="Draw",
    )
    dots = [
        Dot(name=run.name or run.id[-8:], x=_axis_value(run, x), y=_axis_value(run, y))
        for run in runs
        if _axis_value(run, x) and _axis_value(run, y)
    ]
    return [Section(title="One over another", parts=[form, Scatter(x=x, y=y, dots=dots)])]


def _menu(name: str, label: str, known: Sequence[str], chosen: str) -> Menu:
    choices = [Choice(value=each, label=shortened(each, 60), chosen=each == chosen) for each in known]
    return Menu(name=name, label=label, choices=choices)


def _axis_value(run: RunRecord, column: str) -> str:
    kind, _, key = column.partition(".")
    found = run.metrics.get(key) if kind == "metrics" else run.params.get(key)
    return "" if found is None else str(found)
