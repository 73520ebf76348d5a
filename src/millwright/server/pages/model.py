"""Registered models and their versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar import get
from litestar.response import Template

from millwright.core.records.model import ModelStage
from millwright.evaluation.metrics.catalog import MAIN_METRIC
from millwright.evaluation.wording import title
from millwright.models.task import Task
from millwright.server.api.listing import Name
from millwright.server.document import find_registered
from millwright.server.injection import FromApp
from millwright.server.pages.element import Badge, Link, Page, Section, Several, Table, Tone
from millwright.server.pages.rendering import show
from millwright.server.pages.wording import dataset_link, route, shortened, size, status, tracked_link, version_link

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.model import AliasRecord, ModelVersionRecord
    from millwright.server.pages.element import Cell


@get("/models", sync_to_thread=True, include_in_schema=False)
def show_models(services: FromApp) -> Template:
    """Show registered models with their champions."""
    models = services.stores.models
    aliases = models.list_aliases()
    rows: list[list[Cell]] = []
    for model in models.list_models():
        versions = models.list_versions(model.name)
        champion = next((a for a in aliases if a.name == model.name and a.alias == "champion"), None)
        rows.append(
            [
                Link(model.name, route("models", model.name)),
                version_link(f"{model.name}@{champion.version}") if champion else None,
                len(versions),
                versions[0].created_at if versions else None,
                model.description or None,
            ]
        )
    headers = ["Model", "Champion", "Versions", "Newest", "Description"]
    table = Table(headers=headers, rows=rows, empty="No model is registered yet.")
    return show(Page(title="Models", place="/models", sections=[Section(title="Registered models", tables=[table])]))


@get("/models/{name:str}", sync_to_thread=True, include_in_schema=False)
def show_model(services: FromApp, name: Name) -> Template:
    """Show a model: aliases, and versions with state and main metric."""
    models = services.stores.models
    model = find_registered(models, name)
    aliases = models.list_aliases(name)
    about = [Section(title="Tags", details=[(key, shortened(value, 400)) for key, value in model.tags.items()])]
    sections = [
        Section(title="Aliases", tables=[alias_table(aliases)]),
        Section(title="Versions", tables=[version_table(models.list_versions(name), aliases)]),
        *(about if model.tags else []),
    ]
    return show(
        Page(
            title=model.name,
            place="/models",
            subtitle=model.description,
            trail=[Link("Models", "/models")],
            sections=sections,
        )
    )


def alias_table(aliases: Sequence[AliasRecord]) -> Table:
    """Aliases in a table."""
    rows: list[list[Cell]] = [
        [alias_badge(a.alias), version_link(f"{a.name}@{a.version}"), a.set_at, a.set_by, a.reason or None]
        for a in aliases
    ]
    headers = ["Alias", "Version", "Since", "Set by", "Reason"]
    return Table(headers=headers, rows=rows, empty="No version carries an alias.")


def alias_badge(alias: str) -> Badge:
    """An alias; the champion stands out."""
    return Badge(alias, Tone.GOOD if alias == "champion" else Tone.NEUTRAL)


def version_table(versions: Sequence[ModelVersionRecord], aliases: Sequence[AliasRecord]) -> Table:
    """Versions in a table."""
    rows: list[list[Cell]] = []
    for version in versions:
        carried = [alias_badge(a.alias) for a in aliases if a.version == version.version]
        data = [dataset_link(ref) for ref in version.datasets]
        rows.append(
            [
                version_link(version.ref),
                _state(version),
                Several(tuple(carried)) if carried else None,
                main_metric(version),
                Several(tuple(data)) if data else None,
                tracked_link(version.run_id) if version.run_id else None,
                size(version.size_bytes) if version.package is not None else None,
                version.created_at,
                version.created_by,
            ]
        )
    headers = ["Version", "State", "Aliases", "Test metric", "Trained on", "Run", "Size", "Registered", "By"]
    return Table(headers=headers, rows=rows, empty="It has no versions yet.")


def _state(version: ModelVersionRecord) -> Cell:
    """The state; with the stage beside it when a client gave one."""
    state = status(version.state)
    return state if version.stage is ModelStage.NONE else Several((state, Badge(version.stage.value)))


def main_metric(version: ModelVersionRecord) -> str | None:
    """The metric that stands for the version's task, with its value; None when it is not known."""
    task = version.signature.get("task")
    name = MAIN_METRIC.get(Task(task)) if task in set(Task) else None
    value = version.metrics.get(name) if name else None
    return f"{title(name)} {value:.3f}" if name and value is not None else None
