"""`mw fit`: one table, no code."""

from __future__ import annotations

import shlex
from typing import Annotated

import typer

from millwright.cli.option import AsJson, start


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("fit")(fit)


def fit(
    file: Annotated[str, typer.Argument(help="A CSV, TSV, Parquet or JSON lines file.")],
    *,
    target: Annotated[str, typer.Option("--target", "-t", help="The column to predict.")],
    task: Annotated[str, typer.Option(help="auto, classification or regression.")] = "auto",
    name: Annotated[str, typer.Option(help="The model's name; by default from the file's.")] = "",
    folder: Annotated[
        str, typer.Option(help="Where to write the project; by default a folder of the model's name.")
    ] = "",
    trials: Annotated[int, typer.Option(min=1, help="Settings to try when tuning.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Train, check, register and deploy a model for any table, and write the project down for you to edit."""
    from pathlib import Path

    from millwright.cli.run import perform, print_result
    from millwright.pipelines.runner import RunOptions
    from millwright.workspace.project.scaffold import ProjectRequest, write_project

    workspace, out = start(as_json=as_json)
    with workspace:
        request = ProjectRequest(
            source=file, target=target, task=task, name=name, folder=Path(folder) if folder else None, trials=trials
        )
        project = write_project(request)
        written = ", ".join(project.written) or "all files kept"
        out.line(f"Task: {project.task.value}. Project in {project.folder} ({written}).")
        if project.kept:
            out.line(f"Kept as you left them: {', '.join(project.kept)}.")
        options = RunOptions(trigger=f"user:{workspace.actor}")
        # Relative paths of a run begin in the project's folder, where another file may have this name.
        source = str(Path(file).resolve()) if Path(file).exists() else file
        params = {"source": source, "trials": trials}
        result = perform(workspace, out, (str(project.pipeline), params, options))
        # Gates may have rejected the first version, and then there is no champion to serve.
        served = workspace.stores.models.find_alias(project.name, "champion") is not None
        contract = shlex.quote(str(project.folder / "contract.yaml"))
        files = f"-i NEW{Path(file).suffix or '.csv'} -o predictions.csv --contract {contract}"
        print_result(
            out,
            result,
            *([f"mw serve {project.name}@champion", f"mw predict {project.name}@champion {files}"] if served else []),
            f"mw models card {project.name}",
            f"edit {project.folder}/contract.yaml, then: {shlex.join(['mw', 'run', str(project.pipeline)])}",
        )
        out.json({"project": project, "run": result.record, "steps": result.steps})
