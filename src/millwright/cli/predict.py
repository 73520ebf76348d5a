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
    contract: Annotated[
        str, typer.Option(help="The training table's contract, for raw tables: how dates and numbers are written.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Predict every row of a table; rows that don't fit the signature go to a side file with the reasons."""
    from millwright.data.contracts.file import load_contract
    from millwright.deployment.batch.table import BatchOptions, predict_table
    from millwright.evaluation.wording import counted

    workspace, out = start(as_json=as_json)
    with workspace:
        version = workspace.registry.resolve(model)
        package = workspace.stores.artifacts.get(version.stored_package())
        options = BatchOptions(contract=load_contract(contract) if contract else None)
        result = predict_table(
            package, input_path, output, model_ref=version.ref, options=options, progress=workspace.progress
        )
        out.done(f"{counted(result.rows, 'row')} predicted by {version.ref} into {output}.")
        if result.rejected:
            what = "broke the contract or did not fit the signature" if contract else "did not fit the signature"
            out.warn(f"{counted(result.rejected, 'row')} {what}; see {result.rejected_path}.")
            out.table(["values", "reason"], [[count, reason] for reason, count in result.reasons.items()])
            out.next(f"correct {result.rejected_path}, and predict it")
        else:
            out.next(f"mw models show {version.ref}")
        out.json(result)
