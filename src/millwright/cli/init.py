"""`mw init`: a project for one's own data."""

from __future__ import annotations

import shlex
from typing import Annotated

import typer

from millwright.cli.option import AsJson


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("init")(init)


def init(
    file: Annotated[str, typer.Argument(help="A table of yours: CSV, TSV, Parquet or JSON lines.")],
    *,
    target: Annotated[str, typer.Option("--target", "-t", help="The column to predict.")],
    task: Annotated[str, typer.Option(help="auto, classification or regression.")] = "auto",
    name: Annotated[str, typer.Option(help="The model's name; by default from the file's.")] = "",
    folder: Annotated[str, typer.Option(help="Where to write; by default a folder of the model's name.")] = "",
    as_json: AsJson = False,
) -> None:
    """Write a project for your table: pipeline.py, contract.yaml, gates.yaml, README.md. Nothing is run."""
    from pathlib import Path

    from millwright.cli.console import Output
    from millwright.workspace.project.scaffold import ProjectRequest, write_project

    out = Output(as_json=as_json)
    request = ProjectRequest(source=file, target=target, task=task, name=name, folder=Path(folder) if folder else None)
    project = write_project(request)
    out.done(f"{project.folder}: {', '.join(project.written) or 'nothing written'} ({project.task.value}).")
    if project.kept:
        out.line(f"Kept as they were: {', '.join(project.kept)}.")
    out.next(shlex.join(["mw", "run", str(project.pipeline)]), f"edit {project.folder / 'contract.yaml'}")
    out.json(project)
