"""`mw data`: dataset versions and contracts."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli.file import read_table, write_file
from millwright.cli.option import AsJson, Limit, start

if TYPE_CHECKING:
    import polars as pl

app = typer.Typer(no_args_is_help=True, help="Datasets: versioned tables, contracts, quarantine.")


@app.command("add")
def add(
    source: Annotated[str, typer.Argument(help="A CSV, TSV, Parquet or JSON lines file.")],
    *,
    name: Annotated[str, typer.Option(help="The dataset's name; by default from the file's name.")] = "",
    as_json: AsJson = False,
) -> None:
    """Read a file into a new version of a dataset; the same content gives the version that is there."""
    from millwright.workspace.naming import slug

    workspace, out = start(as_json=as_json)
    with workspace:
        record = workspace.datasets.ingest(source, name or slug(Path(source).stem)).record
        out.done(f"{record.ref}: {record.rows:,} rows, {len(record.columns)} columns.")
        out.next(f"mw data show {record.ref}", f"mw data contract {record.ref} -o contract.yaml")
        out.json(record)


@app.command("list")
def list_datasets(*, as_json: AsJson = False) -> None:
    """List datasets with their latest versions."""
    workspace, out = start(as_json=as_json)
    with workspace:
        records = workspace.stores.datasets.list_datasets()
        rows = [[r.ref, r.kind.value, r.rows, len(r.columns), r.created_at, r.source_uri or ""] for r in records]
        if records:
            out.table(["dataset", "kind", "rows", "columns", "created", "source"], rows)
            out.next(f"mw data show {records[0].ref}")
        else:
            out.line("No dataset is in this workspace.")
            out.next("mw data add FILE")
        out.json(records)


@app.command("show")
def show(
    dataset: Annotated[str, typer.Argument(help="name or name@version.")],
    *,
    limit: Limit = 10,
    as_json: AsJson = False,
) -> None:
    """Show a version: its columns with a profile, and its first rows."""
    from millwright.data.profile import profile

    workspace, out = start(as_json=as_json)
    with workspace:
        found = workspace.datasets.get(dataset)
        frame = found.read()
        profiled = profile(frame)
        out.line((found.record.ref, "bold"), f"  {found.record.rows:,} rows  digest {found.record.digest[:12]}")
        if found.record.source_uri:
            out.line(f"from {found.record.source_uri}")
        rows = [[c.name, c.kind, c.nulls, c.distinct, c.summary()] for c in profiled.columns]
        out.table(["column", "kind", "missing", "distinct", "values"], rows)
        if not as_json:
            out.line(first_rows(frame, limit, out.width))
        out.next(f"mw data contract {found.record.ref} -o contract.yaml")
        out.json({"record": found.record, "profile": profiled, "rows": frame.head(limit).to_dicts() if as_json else []})


def first_rows(frame: pl.DataFrame, limit: int, width: int) -> str:
    """The first rows as text; columns for which there is no room are left out in the middle."""
    import polars as pl

    columns = max(2, width // 18)
    with pl.Config(
        tbl_rows=limit, tbl_cols=columns, tbl_width_chars=width, fmt_str_lengths=20, tbl_hide_dataframe_shape=True,
        tbl_hide_column_data_types=True, tbl_formatting="NOTHING",
    ):  # fmt: skip
        return str(frame.head(limit))


@app.command("validate")
def validate(
    source: Annotated[str, typer.Argument(help="A file, or a dataset as name or name@version.")],
    *,
    contract: Annotated[str, typer.Option(help="The contract's YAML file.")],
    as_json: AsJson = False,
) -> None:
    """Check a table against a contract without recording anything."""
    from millwright.data.contracts.file import load_contract
    from millwright.data.contracts.validation import validate as check

    workspace, out = start(as_json=as_json)
    with workspace:
        loaded = load_contract(contract)
        frame = read_table(workspace, source)
        result = check(frame, loaded)
        # Before anything is printed: with --json, the error is the one document.
        result.refuse_if_too_many(loaded)
        out.line(
            f"{frame.height:,} rows: {result.valid.height:,} hold, {result.quarantined.height:,} break the contract."
        )
        reasons = sorted(result.reasons.items(), key=lambda item: -item[1])
        if reasons:
            out.table(["rows", "reason"], [[count, reason] for reason, count in reasons])
            out.next(f"edit {contract}, or correct the rows, and check again")
        elif Path(source).is_file():
            out.next(shlex.join(["mw", "data", "add", source]))
        out.json({"rows": frame.height, "valid": result.valid.height, "reasons": result.reasons})


@app.command("contract")
def contract(
    source: Annotated[str, typer.Argument(help="A file, or a dataset as name or name@version.")],
    *,
    output: Annotated[str, typer.Option("--output", "-o", help="Write here instead of the terminal.")] = "",
    as_json: AsJson = False,
) -> None:
    """Infer a contract from a table, for you to edit."""
    from millwright.data.contracts.file import dump_contract
    from millwright.data.contracts.inference import infer_contract

    workspace, out = start(as_json=as_json)
    with workspace:
        frame = read_table(workspace, source)
        text = dump_contract(infer_contract(frame, Path(source.partition("@")[0]).stem))
        if output:
            write_file(output, text.encode())
            out.done(f"Contract written to {output}; edit it, then:")
            out.next(shlex.join(["mw", "data", "validate", source, "--contract", output]))
        elif not as_json:
            typer.echo(text)
        out.json({"source": source, "written": output or None, "contract": text})
