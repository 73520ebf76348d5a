"""`mw data`: dataset versions and contracts."""

from __future__ import annotations

from typing import Annotated

import typer

from millwright.cli.option import AsJson, Limit, start

app = typer.Typer(no_args_is_help=True, help="Datasets: versioned tables, contracts, quarantine.")


@app.command("add")
def add(
    source: Annotated[str, typer.Argument(help="A CSV, TSV, Parquet or JSON lines file.")],
    *,
    name: Annotated[str, typer.Option(help="The dataset's name; by default from the file's name.")] = "",
    as_json: AsJson = False,
) -> None:
    """Read a file into a new version of a dataset; the same content gives the version that is there."""
    from pathlib import Path

    from millwright.workspace.naming import slug

    workspace, out = start(as_json=as_json)
    with workspace:
        record = workspace.datasets.ingest(source, name or slug(Path(source).stem)).record
        out.line(f"[green]✓[/green] {record.ref}: {record.rows:,} rows, {len(record.columns)} columns.")
        out.next(f"mw data show {record.ref}", f"mw data contract {record.ref} -o contract.yaml")
        out.json(record)


@app.command("list")
def list_datasets(*, as_json: AsJson = False) -> None:
    """List datasets with their latest versions."""
    workspace, out = start(as_json=as_json)
    with workspace:
        records = workspace.stores.datasets.list_datasets()
        rows = [[r.ref, r.kind.value, r.rows, len(r.columns), r.created_at, r.source_uri or ""] for r in records]
        out.table(["dataset", "kind", "rows", "columns", "created", "source"], rows)
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
        out.line(f"[bold]{found.record.ref}[/bold]  {found.record.rows:,} rows  digest {found.record.digest[:12]}")
        if found.record.source_uri:
            out.line(f"from {found.record.source_uri}")
        rows = [[c.name, c.kind, c.nulls, c.distinct, c.summary()] for c in profiled.columns]
        out.table(["column", "kind", "missing", "distinct", "values"], rows)
        out.json({"record": found.record, "profile": profiled, "rows": frame.head(limit).to_dicts() if as_json else []})


@app.command("validate")
def validate(
    source: Annotated[str, typer.Argument(help="A file, or a dataset as name or name@version.")],
    *,
    contract: Annotated[str, typer.Option(help="The contract's YAML file.")],
    as_json: AsJson = False,
) -> None:
    """Check a table against a contract without recording anything."""
    from pathlib import Path

    from millwright.data.contracts.file import load_contract
    from millwright.data.contracts.validation import validate as check
    from millwright.data.datasets.source import read_source

    workspace, out = start(as_json=as_json)
    with workspace:
        loaded = load_contract(contract)
        is_file = Path(source).exists() or "/" in source or "." in source
        frame = read_source(source).frame if is_file else workspace.datasets.get(source).read()
        result = check(frame, loaded)
        out.line(
            f"{frame.height:,} rows: {result.valid.height:,} hold, {result.quarantined.height:,} break the contract."
        )
        reasons = sorted(result.reasons.items(), key=lambda item: -item[1])
        if reasons:
            out.table(["rows", "reason"], [[count, reason] for reason, count in reasons])
        out.json({"rows": frame.height, "valid": result.valid.height, "reasons": result.reasons})
        result.refuse_if_too_many(loaded)


@app.command("contract")
def contract(
    source: Annotated[str, typer.Argument(help="A file, or a dataset as name or name@version.")],
    *,
    output: Annotated[str, typer.Option("--output", "-o", help="Write here instead of the terminal.")] = "",
) -> None:
    """Infer a contract from a table, for you to edit."""
    from pathlib import Path

    from millwright.data.contracts.file import dump_contract
    from millwright.data.contracts.inference import infer_contract
    from millwright.data.datasets.source import read_source

    workspace, out = start()
    with workspace:
        is_file = Path(source).exists() or "/" in source or "." in source
        frame = read_source(source).frame if is_file else workspace.datasets.get(source).read()
        text = dump_contract(infer_contract(frame, Path(source).stem))
        if output:
            Path(output).write_text(text, encoding="utf-8")
            out.line(f"[green]✓[/green] Contract written to {output}; edit it, then:")
            out.next(f"mw data validate {source} --contract {output}")
        else:
            typer.echo(text)
