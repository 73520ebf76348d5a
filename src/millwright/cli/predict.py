"""`mw predict`: predictions for a table."""

from __future__ import annotations

from typing import Annotated

import typer

from millwright.cli.option import AsJson, start


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("predict")(predict)


def predict(
    model: Annotated[str, typer.Argument(help="name@alias, name@version, or name (its champion).")],
    *,
    input_path: Annotated[str, typer.Option("--input", "-i", help="A CSV, Parquet or JSON lines file.")],
    output: Annotated[str, typer.Option("--output", "-o", help="The file to write: CSV, Parquet or JSON lines.")],
    as_json: AsJson = False,
) -> None:
    """Predict every row of a table; rows that don't fit the signature go to a side file with the reasons."""
    from millwright.deployment.batch.table import predict_table

    workspace, out = start(as_json=as_json)
    with workspace:
        version = workspace.registry.resolve(model)
        package = workspace.stores.artifacts.get(version.package)
        result = predict_table(package, input_path, output, model_ref=version.ref, progress=workspace.progress)
        out.done(f"{result.rows:,} rows predicted by {version.ref} into {output}.")
        if result.rejected:
            out.warn(f"{result.rejected:,} rows did not fit the signature; they are in {result.rejected_path}.")
            out.table(["values", "reason"], [[count, reason] for reason, count in result.reasons.items()])
            out.next(f"correct {result.rejected_path}, and predict it")
        else:
            out.next(f"mw models show {version.ref}")
        out.json(result)
