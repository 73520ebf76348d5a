"""`mw models import` and `mw models export`: MLflow's model folders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from millwright.cli.file import read_table
from millwright.cli.model_file import Int8, tell_registered
from millwright.cli.option import AsJson, start


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("import")(import_model)
    app.command("export")(export_model)


def import_model(
    folder: Annotated[Path, typer.Argument(help="A folder with a file MLmodel.")],
    name: Annotated[str, typer.Argument(help="The registered model that gets a new version.")],
    *,
    sample: Annotated[
        str, typer.Option(help="A file or dataset with rows as callers send them; else the folder's input example.")
    ] = "",
    classes: Annotated[str, typer.Option(help="Names of the classes, separated by commas.")] = "",
    target: Annotated[str, typer.Option(help="Name of what is predicted.")] = "",
    int8: Int8 = None,
    as_json: AsJson = False,
) -> None:
    """Register a model that MLflow saved: scikit-learn as skops, LightGBM, XGBoost as JSON, ONNX; no pickle is read."""
    from millwright.models.mlmodel.reading import import_folder
    from millwright.registry.packaged import RegisterOptions, register_model

    workspace, out = start(as_json=as_json)
    with workspace:
        rows = read_table(workspace, sample) if sample else None
        labels = [label.strip() for label in classes.split(",") if label.strip()]
        model, used = import_folder(
            folder, sample=rows, classes=labels, target=target, allow_code=workspace.settings.models.allow_code
        )
        options = RegisterOptions(int8_within=int8)
        version = register_model(
            model, name, sample=used, registry=workspace.registry, stores=workspace.stores, options=options
        )
        tell_registered(version, out)


def export_model(
    model: Annotated[str, typer.Argument(help="name, name@version or name@alias.")],
    folder: Annotated[Path, typer.Argument(help="A new folder.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Write a version as a folder that MLflow loads, in MLflow's own flavor where it has one for it."""
    from millwright.models.mlmodel.writing import export_folder

    workspace, out = start(as_json=as_json)
    with workspace:
        version = workspace.registry.resolve(model)
        flavor = export_folder(workspace.stores.artifacts.get(version.stored_package()), folder)
        out.done(f"{version.ref} written to {folder} in MLflow's flavor {flavor}.")
        out.json({"model": version.ref, "written": str(folder), "flavor": flavor})
