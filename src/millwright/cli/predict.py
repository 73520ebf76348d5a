"""`mw predict`: predictions for a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli.option import AsJson, start

if TYPE_CHECKING:
    from millwright.cli.console import Output
    from millwright.data.contracts.contract import Contract
    from millwright.deployment.batch import BatchOptions, BatchResult
    from millwright.workspace.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("predict")(predict)


def predict(
    model: Annotated[str, typer.Argument(help="name@alias, name@version, or name (its champion, else the newest).")],
    *,
    input_: Annotated[
        str,
        typer.Option(
            "--input",
            "-i",
            help="A file's path or URL, a folder or a quoted pattern ('in/*.parquet') of files, a dataset or its "
            "version (visits@3), a Delta table's folder, or a database's URL.",
        ),
    ],
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            help="The file to write (.csv, .tsv, .jsonl, .parquet), a Delta table's folder (NAME.delta), or a "
            "database's URL.",
        ),
    ],
    query: Annotated[str, typer.Option(help="Of a database as input: the SELECT to run.")] = "",
    table: Annotated[str, typer.Option(help="Of a database as input: a table, or schema.table.")] = "",
    version: Annotated[
        int | None, typer.Option(min=0, help="Of a Delta table as input; the latest by default.")
    ] = None,
    format_: Annotated[
        str, typer.Option("--format", help="Of the input: csv, json, jsonl, parquet, excel, delta, …; else told.")
    ] = "",
    output_table: Annotated[str, typer.Option(help="Of a database as output: the table to write.")] = "",
    output_format: Annotated[str, typer.Option(help="delta: the output is a Delta table, whatever its name.")] = "",
    mode: Annotated[
        str,
        typer.Option(
            help="append or replace: what becomes of the rows of a database's or a Delta table that is there already."
        ),
    ] = "",
    rejected: Annotated[
        str, typer.Option(help="The file for rows that do not fit; beside the output by default.")
    ] = "",
    contract: Annotated[
        str, typer.Option(help="The training table's contract, for raw tables: how dates and numbers are written.")
    ] = "",
    engine: Annotated[str, typer.Option(help="Where rows are predicted: local, ray or spark.")] = "local",
    workers: Annotated[
        int, typer.Option(min=0, help="Chunks predicted at the same time; 0: one here, all cores of a cluster.")
    ] = 0,
    chunk_rows: Annotated[int, typer.Option(min=1, help="Rows in memory at a time, for each worker.")] = 50_000,
    as_json: AsJson = False,
) -> None:
    """Predict every row of a table; rows that don't fit the signature go to a side file with the reasons.

    The same command after a kill goes on where that one stopped.
    """
    from millwright.data.sources.request import SourceOptions
    from millwright.deployment.batch import BatchOptions, EngineOptions, OutputOptions

    workspace, out = start(as_json=as_json)
    with workspace:
        settings = workspace.settings
        options = BatchOptions(
            chunk_rows=chunk_rows,
            rejected=rejected,
            contract=_contract(contract) if contract else None,
            reading=SourceOptions(format=format_, query=query, table=table, version=version),
            writing=OutputOptions(table=output_table, mode=mode, format=output_format),
            engine=EngineOptions(
                name=engine,
                workers=workers,
                ray_address=settings.pipelines.ray_address,
                spark_master=settings.engine.spark_master,
            ),
            journal_folder=str(workspace.folder),
            allow_code=settings.models.allow_code,
        )
        _show(out, _predicted(workspace, (model, input_, output), options), has_contract=bool(contract))


def _contract(path: str) -> Contract:
    from millwright.data.contracts.file import load_contract  # takes a while

    return load_contract(path)


def _predicted(workspace: Workspace, asked: tuple[str, str, str], options: BatchOptions) -> BatchResult:
    from millwright.deployment.batch import edges_of, find_source, predict_table

    model, source, output = asked
    found = find_source(source, workspace.datasets, options.reading)
    version = workspace.registry.resolve(model)
    package = workspace.stores.artifacts.get(version.stored_package())
    result = predict_table(package, found, output, model_ref=version.ref, options=options, progress=workspace.progress)
    workspace.stores.lineage.add(edges_of(result, workspace.clock.now()))
    return result


def _show(out: Output, result: BatchResult, *, has_contract: bool) -> None:
    from millwright.evaluation.wording import counted

    rate = f" ({result.rows_per_s:,.0f} rows/s)" if result.rows_per_s else ""  # all may have been done before
    out.done(f"{counted(result.rows, 'row')} predicted by {result.model} into {result.output}{rate}.")
    if result.resumed_rows:
        out.line(f"  {counted(result.resumed_rows, 'row')} of an earlier run were kept.")
    if result.restarted:
        out.warn(f"An earlier run that did not end was thrown away: {result.restarted}.")
    if result.rejected:
        what = "broke the contract or did not fit the signature" if has_contract else "did not fit the signature"
        out.warn(f"{counted(result.rejected, 'row')} {what}; see {result.rejected_path}.")
        out.table(["values", "reason"], [[count, reason] for reason, count in result.reasons.items()])
        out.next(f"correct {result.rejected_path}, and predict it")
    else:
        out.next(f"mw models show {result.model}")
    out.json(result)
