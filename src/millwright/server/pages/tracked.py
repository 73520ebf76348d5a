"""One tracked run: what it was given, measured, read and made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar import get
from litestar.response import Template

from millwright.core.errors import MillwrightError
from millwright.core.ids import RunId
from millwright.core.records.experiment import Lifecycle
from millwright.server.api.listing import Name
from millwright.server.artifact_folder import run_folder
from millwright.server.injection import FromApp
from millwright.server.pages.artifact import ArtifactPlace, artifact_section
from millwright.server.pages.element import Badge, Code, Link, Page, Section, Several, Table, Tone
from millwright.server.pages.experiment import NOTE
from millwright.server.pages.rendering import show
from millwright.server.pages.run_history import metric_sections
from millwright.server.pages.run_link import link_sections
from millwright.server.pages.run_listing import HIDDEN
from millwright.server.pages.wording import asked, route, seconds, shortened, status, tracked_link

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.core.records.run import RunRecord
    from millwright.server.pages.element import Cell
    from millwright.storage.catalog import Stores

DIFF = "captured/uncommitted.diff"  # where tracking keeps what was changed since the commit
_CODE = {
    "mlflow.source.name": "Source",
    "mlflow.source.type": "Kind of source",
    "mlflow.project.entryPoint": "Entry point",
    "mlflow.source.git.repoURL": "Repository",
    "mlflow.source.git.branch": "Branch",
    "mlflow.source.git.commit": "Git commit",
    "millwright.command": "Command",
}


@get("/tracked/{run_id:str}", sync_to_thread=True, include_in_schema=False)
def show_tracked(services: FromApp, run_id: Name) -> Template:
    """Show a tracked run."""
    stores = services.stores
    run = stores.runs.get_run(RunId(run_id))
    experiment = stores.experiments.get(run.experiment_id)
    metrics = metric_sections(stores, run)
    sections = [
        Section(title="Result", facts=_facts(run), details=[("Run id", Code(run.id))]),
        *metrics,
        Section(title="Parameters", tables=[_pairs("Parameter", run.params, empty="None was logged.")]),
        *link_sections(stores, run),
        artifact_section(run_place(stores, run)),
        _code(stores, run),
        Section(title="Tags", tables=[_pairs("Tag", _told(run.tags), empty="None was set.")]),
    ]
    deleted = run.lifecycle is Lifecycle.DELETED
    return show(
        Page(
            title=shortened(run.name) or f"…{run.id[-8:]}",
            place="/experiments",
            subtitle=shortened(run.tags.get(NOTE, ""), 400),
            badges=[status(run.status), *([Badge("deleted", Tone.BAD)] if deleted else [])],
            trail=[
                Link("Experiments", "/experiments"),
                Link(shortened(experiment.name), route("experiments", experiment.id)),
            ],
            sections=sections,
            draws=bool(run.metrics),
        )
    )


def run_place(stores: Stores, run: RunRecord) -> ArtifactPlace:
    """Where a run's artifacts are, and what leads to them."""
    return ArtifactPlace(
        folder=lambda: run_folder(stores, run),
        page=route("tracked", run.id, "artifacts"),
        file=route("tracked", run.id, "file"),
        download="/get-artifact",
        given=(("run_id", run.id),),
        key="path",
    )


def _facts(run: RunRecord) -> list[tuple[str, Cell]]:
    facts: list[tuple[str, Cell]] = [
        ("Started", run.started_at),
        ("Ended", run.ended_at),
        ("Seconds", seconds(run.started_at, run.ended_at)),
        ("By", run.user or None),
    ]
    return [*facts, ("Part of", tracked_link(run.parent_id))] if run.parent_id else facts


def _pairs(head: str, pairs: Mapping[str, str], *, empty: str) -> Table:
    rows: list[list[Cell]] = [[key, value] for key, value in pairs.items()]
    return Table(headers=[head, "Value"], rows=rows, empty=empty)


def _told(tags: Mapping[str, str]) -> dict[str, str]:
    """Tags that no other section shows; those of clients last."""
    shown = {key: value for key, value in tags.items() if key not in _CODE and key != NOTE}
    return dict(sorted(shown.items(), key=lambda item: (item[0].startswith(HIDDEN), item[0])))


def _code(stores: Stores, run: RunRecord) -> Section:
    details: list[tuple[str, Cell]] = []
    for tag, name in _CODE.items():
        value = run.tags.get(tag)
        if value:
            details.append((name, Code(value) if tag.endswith((".commit", ".name")) else value))
    if _has_diff(stores, run):
        diff = Link(DIFF, asked(route("tracked", run.id, "artifacts"), ("path", DIFF)))
        details.append(("Changed since", Several((diff,))))
    text = [] if details else ["The client told nothing of it."]
    return Section(title="Code", text=text, details=details)


def _has_diff(stores: Stores, run: RunRecord) -> bool:
    try:
        run_folder(stores, run).get(DIFF)
    except MillwrightError:
        return False
    return True
