"""What a run read and made, and the runs that it has inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.records.logged_model import LoggedModelQuery
from millwright.core.records.search import Comparison, Field, Kind, Query
from millwright.server.pages.element import Code, Link, Section, Several, Table
from millwright.server.pages.run_listing import SYSTEM
from millwright.server.pages.wording import route, seconds, shortened, status, tracked_link, version_link

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.logged_model import LoggedModelRecord
    from millwright.core.records.run import RunRecord
    from millwright.core.records.run_input import DatasetInput, RunLinks
    from millwright.server.pages.element import Cell
    from millwright.storage.catalog import Stores

CONTEXT = "mlflow.data.context"
_SHOWN = 100
_METRICS = 4


def link_sections(stores: Stores, run: RunRecord) -> list[Section]:
    """The sections on a run's data, models and child runs; only those with something in them."""
    links = stores.runs.list_links([run.id])[run.id]
    children = stores.runs.list_runs(run.experiment_id, parent_id=run.id, limit=_SHOWN)
    sections = []
    if links.datasets:
        sections.append(Section(title="Data", tables=[_datasets(links.datasets)]))
    models = _models(stores, run, links)
    if models:
        sections.append(Section(title="Models", tables=models))
    if children:
        told = [f"The latest {_SHOWN}."] if len(children) == _SHOWN else []
        sections.append(Section(title="Runs inside", text=told, tables=[_children(children)]))
    return sections


def model_link(model: LoggedModelRecord) -> Link:
    """A logged model."""
    return Link(shortened(model.name) or model.id, route("logged-models", model.id))


def _datasets(datasets: Sequence[DatasetInput]) -> Table:
    rows: list[list[Cell]] = [
        [
            each.name,
            each.tags.get(CONTEXT),
            Code(each.digest),
            each.source_type,
            shortened(each.source, 200),
        ]
        for each in datasets
    ]
    return Table(headers=["Dataset", "For", "Digest", "Kind", "Source"], rows=rows)


def _models(stores: Stores, run: RunRecord, links: RunLinks) -> list[Table]:
    made = _of_run("source_run_id", run)
    logged = stores.logged_models.search(
        LoggedModelQuery(experiment_ids=(run.experiment_id,), where=made, limit=_SHOWN)
    ).items
    rows: list[list[Cell]] = [
        [model_link(model), status(model.status), model.model_type, model.created_at] for model in logged
    ]
    tables = []
    if rows:
        headers = ["Model", "State", "Kind", "Logged"]
        tables.append(Table(headers=headers, rows=rows, caption="Models that it logged"))
    known = {model.id for model in logged}
    linked = [("read", each.model_id) for each in links.models]
    linked += [("made", each.model_id) for each in links.outputs if each.model_id not in known]
    if linked:
        other: list[list[Cell]] = [[Link(model, route("logged-models", model)), how] for how, model in linked]
        tables.append(Table(headers=["Model", "It was"], rows=other, caption="Models that it names"))
    registered = stores.model_search.search_versions(Query(where=_of_run("run_id", run), limit=_SHOWN)).items
    # The search knows nothing of projects; this store shows what the reader may see.
    seen = [each for each in registered if stores.models.find_model(each.name) is not None]
    if seen:
        versions: list[list[Cell]] = [[version_link(each.ref), status(each.state), each.created_at] for each in seen]
        tables.append(Table(headers=["Version", "State", "Registered"], rows=versions, caption="Registered as"))
    return tables


def _of_run(key: str, run: RunRecord) -> Comparison:
    return Comparison(field=Field(kind=Kind.ATTRIBUTE, key=key), op="=", value=run.id)


def _children(children: Sequence[RunRecord]) -> Table:
    names = sorted({key for run in children for key in run.metrics if not key.startswith(SYSTEM)})[:_METRICS]
    rows: list[list[Cell]] = [
        [
            tracked_link(run.id, run.name),
            status(run.status),
            run.started_at,
            seconds(run.started_at, run.ended_at),
            *(run.metrics.get(name) for name in names),
            Several(tuple(f"{key} {shortened(value, 40)}" for key, value in list(run.params.items())[:5])),
        ]
        for run in children
    ]
    return Table(headers=["Run", "Status", "Started", "Seconds", *names, "Parameters"], rows=rows)
