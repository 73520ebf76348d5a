"""Artifacts of tracked runs and of logged models, and the page on a logged model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar import Response, get
from litestar.response import Template

from millwright.core.ids import RunId
from millwright.server.api.listing import Name
from millwright.server.artifact_folder import model_folder
from millwright.server.injection import FromApp
from millwright.server.pages.artifact import ArtifactPlace, artifact_bytes, artifact_section, artifact_sections
from millwright.server.pages.element import Code, Link, Page, Section, Table
from millwright.server.pages.experiment import Text
from millwright.server.pages.rendering import show
from millwright.server.pages.tracked import run_place
from millwright.server.pages.wording import route, shortened, status, tracked_link

if TYPE_CHECKING:
    from millwright.core.records.logged_model import LoggedModelRecord
    from millwright.server.pages.element import Cell
    from millwright.storage.catalog import Stores


@get("/tracked/{run_id:str}/artifacts", sync_to_thread=True, include_in_schema=False)
def show_tracked_artifact(services: FromApp, run_id: Name, path: Text = "", after: Text = "") -> Template:
    """Show a folder of a run's artifacts, or a file."""
    run = services.stores.runs.get_run(RunId(run_id))
    sections = artifact_sections(run_place(services.stores, run), services.stores.artifacts, path, after)
    trail = [Link("Experiments", "/experiments"), tracked_link(run.id, run.name)]
    return show(Page(title=path or "Artifacts", place="/experiments", trail=trail, sections=sections))


@get("/tracked/{run_id:str}/file", media_type="application/octet-stream", sync_to_thread=True, include_in_schema=False)
def show_tracked_file(services: FromApp, run_id: Name, path: Text) -> Response[bytes]:
    """Send an image or a page of a run."""
    run = services.stores.runs.get_run(RunId(run_id))
    return artifact_bytes(run_place(services.stores, run), services.stores.artifacts, path)


@get("/logged-models/{model_id:str}", sync_to_thread=True, include_in_schema=False)
def show_logged_model(services: FromApp, model_id: Name) -> Template:
    """Show a logged model: parameters, metrics, tags, files."""
    stores = services.stores
    model = stores.logged_models.get(model_id)
    sections = [
        Section(title="Result", text=[model.status_message] if model.status_message else [], details=_about(model)),
        Section(title="Metrics", tables=[_metrics(stores, model)]),
        Section(title="Parameters", tables=[_pairs("Parameter", model.params)]),
        artifact_section(model_place(stores, model)),
        Section(title="Tags", tables=[_pairs("Tag", model.tags)]),
    ]
    return show(
        Page(
            title=shortened(model.name) or model.id,
            place="/experiments",
            badges=[status(model.status)],
            trail=[Link("Experiments", "/experiments"), _experiment_link(stores, model)],
            sections=sections,
        )
    )


@get("/logged-models/{model_id:str}/artifacts", sync_to_thread=True, include_in_schema=False)
def show_logged_model_artifact(services: FromApp, model_id: Name, path: Text = "", after: Text = "") -> Template:
    """Show a folder of a logged model's files, or a file."""
    model = services.stores.logged_models.get(model_id)
    sections = artifact_sections(model_place(services.stores, model), services.stores.artifacts, path, after)
    trail = [Link("Experiments", "/experiments"), Link(shortened(model.name), route("logged-models", model.id))]
    return show(Page(title=path or "Artifacts", place="/experiments", trail=trail, sections=sections))


@get(
    "/logged-models/{model_id:str}/file",
    media_type="application/octet-stream",
    sync_to_thread=True,
    include_in_schema=False,
)
def show_logged_model_file(services: FromApp, model_id: Name, path: Text) -> Response[bytes]:
    """Send an image or a page of a logged model."""
    model = services.stores.logged_models.get(model_id)
    return artifact_bytes(model_place(services.stores, model), services.stores.artifacts, path)


def model_place(stores: Stores, model: LoggedModelRecord) -> ArtifactPlace:
    """Where a logged model's files are, and what leads to them."""
    return ArtifactPlace(
        folder=lambda: model_folder(stores, model),
        page=route("logged-models", model.id, "artifacts"),
        file=route("logged-models", model.id, "file"),
        download=route("ajax-api", "2.0", "mlflow", "logged-models", model.id, "artifacts", "files"),
        given=(),
        key="artifact_file_path",
    )


def _experiment_link(stores: Stores, model: LoggedModelRecord) -> Link:
    experiment = stores.experiments.get(model.experiment_id)
    return Link(shortened(experiment.name), route("experiments", experiment.id))


def _about(model: LoggedModelRecord) -> list[tuple[str, Cell]]:
    return [
        ("Model id", Code(model.id)),
        ("Kind", model.model_type),
        ("Logged by", tracked_link(model.source_run_id) if model.source_run_id else None),
        ("Logged", model.created_at),
        ("Changed", model.updated_at),
    ]


def _metrics(stores: Stores, model: LoggedModelRecord) -> Table:
    found = stores.metrics.of_models([model.id]).get(model.id, [])
    rows: list[list[Cell]] = [
        [point.key, point.value, point.step, point.dataset_name, tracked_link(run_id)] for run_id, point in found[:500]
    ]
    return Table(headers=["Metric", "Value", "Step", "Dataset", "Run"], rows=rows, empty="None was logged.")


def _pairs(head: str, pairs: object) -> Table:
    rows: list[list[Cell]] = [[key, value] for key, value in sorted(dict(pairs).items())]  # type: ignore[call-overload]
    return Table(headers=[head, "Value"], rows=rows, empty="None.")
