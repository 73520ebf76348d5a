"""Experiments, and the runs of one: searched, sorted, paged, and picked to be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

from litestar import get
from litestar.params import QueryParameter
from litestar.response import Template

from millwright.core.errors import InvalidInputError
from millwright.core.filter import EXPERIMENTS, RUNS, parse_filter
from millwright.core.ids import ExperimentId
from millwright.core.records.experiment import ExperimentFigures, Lifecycle
from millwright.core.records.search import All, Comparison, Field, Kind, Page, Query
from millwright.server.api.listing import Name, PageToken, View, lifecycle_of, query_of
from millwright.server.injection import FromApp
from millwright.server.pages.element import Badge, Code, Link, Section, Several, Table, Tone
from millwright.server.pages.element import Page as Shown
from millwright.server.pages.part import Box, Choice, Menu, Pager, SearchForm
from millwright.server.pages.rendering import show
from millwright.server.pages.run_listing import HIDDEN, RunsAsked, pager, run_table, search_form
from millwright.server.pages.wording import asked, route, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.core.records.experiment import ExperimentRecord
    from millwright.core.records.run import RunRecord
    from millwright.core.records.search import Condition
    from millwright.server.pages.element import Cell, Part
    from millwright.storage.catalog import Stores

Text: TypeAlias = Annotated[str, QueryParameter(description="As it was typed.")]
Texts: TypeAlias = Annotated[list[str] | None, QueryParameter(description="Any number of them.")]

NOTE = "mlflow.note.content"
_SHOWN = 100
_TAGS = 5


@get("/experiments", sync_to_thread=True, include_in_schema=False)
def show_experiments(
    services: FromApp,
    name: Text = "",
    filter: Text = "",  # noqa: A002 - the parameter's name in the address
    view: View = "active",
    page_token: PageToken = None,
) -> Template:
    """Show experiments, the newest first, with how many runs they have."""
    experiments = services.stores.experiments
    error = ("", "")
    page: Page[ExperimentRecord] = Page(items=())
    try:
        query = Query(where=_named(name, filter), limit=_SHOWN, after=page_token)
        page = experiments.search(query, lifecycle=lifecycle_of(view))
    except InvalidInputError as refused:
        error = (refused.message, refused.hint)
    figures = experiments.figures([each.id for each in page.items])
    parts = [_form(name, filter, view, error)]
    sections = [
        Section(title="Search", parts=parts),
        Section(
            title="Experiments",
            tables=[] if error[0] else [_table(page.items, figures)],
            parts=_pager(page, begun=bool(page_token), given=(("name", name), ("filter", filter), ("view", view))),
        ),
    ]
    return show(Shown(title="Experiments", place="/experiments", sections=sections))


@get("/experiments/{experiment_id:str}", sync_to_thread=True, include_in_schema=False)
def show_experiment(
    services: FromApp,
    experiment_id: Name,
    filter: Text = "",  # noqa: A002 - the parameter's name in the address
    order: Text = "",
    view: View = "active",
    column: Texts = None,
    page_token: PageToken = None,
) -> Template:
    """Show an experiment's runs."""
    stores = services.stores
    experiment = stores.experiments.get(ExperimentId(experiment_id))
    wanted = RunsAsked(experiment_id=experiment.id, filter=filter, order=order, view=view, columns=tuple(column or ()))
    parts = [*_traces(stores, wanted), *_found(stores, wanted, page_token)]
    figures = stores.experiments.figures([experiment.id]).get(experiment.id, ExperimentFigures())
    deleted = experiment.lifecycle is Lifecycle.DELETED
    return show(
        Shown(
            title=experiment.name,
            place="/experiments",
            subtitle=shortened(experiment.tags.get(NOTE, ""), 400),
            badges=[Badge("deleted", Tone.BAD)] if deleted else [],
            trail=[Link("Experiments", "/experiments")],
            wide=True,
            sections=[Section(title="Runs", parts=parts), Section(title="About", details=_about(experiment, figures))],
        )
    )


def _traces(stores: Stores, wanted: RunsAsked) -> list[Part]:
    """What leads to the traces, when there are any."""
    if not stores.traces.list_traces([wanted.experiment_id], limit=1):
        return []
    return [Pager(links=[Link("Traces of this experiment", route("experiments", wanted.experiment_id, "traces"))])]


def _found(stores: Stores, wanted: RunsAsked, page_token: str | None) -> list[Part]:
    """The form and the table; the form alone, with what is wrong, when what was typed cannot be read."""
    try:
        order = [wanted.order] if wanted.order.strip() else []
        query = query_of(RUNS, wanted.filter, order, limit=_SHOWN, page_token=page_token)
        page: Page[RunRecord] = stores.runs.search(
            query, experiment_ids=[wanted.experiment_id], lifecycle=lifecycle_of(wanted.view)
        )
    except InvalidInputError as refused:
        plain = RunsAsked(experiment_id=wanted.experiment_id, filter=wanted.filter, view=wanted.view)
        return [search_form(plain, (), (refused.message, refused.hint))]
    return [
        search_form(wanted, page.items),
        run_table(wanted, page.items),
        *pager(wanted, page, begun=bool(page_token)),
    ]


def _named(name: str, text: str) -> Condition | None:
    condition = parse_filter(text, EXPERIMENTS, disjunctions=True)
    if not name.strip():
        return condition
    holds = Comparison(field=Field(kind=Kind.ATTRIBUTE, key="name"), op="ILIKE", value=f"%{name.strip()}%")
    return holds if condition is None else All(parts=(holds, condition))


def _form(name: str, text: str, view: View, error: tuple[str, str]) -> SearchForm:
    choices = (("active", "in use"), ("deleted", "deleted"), ("all", "all"))
    return SearchForm(
        action="/experiments",
        boxes=[
            Box(name="name", label="Name holds", value=name),
            Box(name="filter", label="Filter", value=text, example="tags.team = 'a' or name like 'churn%'", wide=True),
        ],
        menus=[
            Menu(
                name="view",
                label="Experiments",
                choices=[Choice(value=value, label=label, chosen=value == view) for value, label in choices],
            )
        ],
        error=error[0],
        hint=error[1],
    )


def _table(found: Sequence[ExperimentRecord], figures: Mapping[ExperimentId, ExperimentFigures]) -> Table:
    rows: list[list[Cell]] = []
    for each in found:
        counted = figures.get(each.id, ExperimentFigures())
        rows.append(
            [
                Link(shortened(each.name), route("experiments", each.id)),
                counted.runs,
                counted.last_run_at,
                tag_cell(each.tags),
                each.project,
                each.created_at,
                Badge("deleted", Tone.BAD) if each.lifecycle is Lifecycle.DELETED else Badge("in use"),
            ]
        )
    headers = ["Experiment", "Runs", "Last run", "Tags", "Project", "Created", "State"]
    return Table(headers=headers, rows=rows, empty="No experiment fits.")


def tag_cell(tags: Mapping[str, str]) -> Cell:
    """The first tags that people set, or None."""
    own = {key: value for key, value in tags.items() if not key.startswith(HIDDEN)}
    told = [f"{shortened(key, 30)}: {shortened(value, 40)}" for key, value in own.items()]
    more = [f"and {len(told) - _TAGS} more"] if len(told) > _TAGS else []
    return Several((*told[:_TAGS], *more)) if told else None


def _pager(page: Page[ExperimentRecord], *, begun: bool, given: Sequence[tuple[str, str]]) -> list[Pager]:
    links = [Link("First page", asked("/experiments", *given))] if begun else []
    if page.next_token:
        links.append(Link("Next page", asked("/experiments", *given, ("page_token", page.next_token))))
    return [Pager(links=links)] if links else []


def _about(experiment: ExperimentRecord, figures: ExperimentFigures) -> list[tuple[str, Cell]]:
    return [
        ("Id", Code(experiment.id)),
        ("Project", experiment.project),
        ("Runs", figures.runs),
        ("Last run", figures.last_run_at),
        ("Created", experiment.created_at),
        ("Changed", experiment.updated_at),
        ("Artifacts", Code(experiment.artifact_location) if experiment.artifact_location else None),
        *((key, shortened(value, 400)) for key, value in experiment.tags.items() if key != NOTE),
    ]
