"""`mw data`: dataset versions and contracts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli import contracts, ingest, quarantine, validate
from millwright.cli.option import AsJson, Limit, start

if TYPE_CHECKING:
    import polars as pl

app = typer.Typer(no_args_is_help=True, help="Datasets: versioned tables, contracts, quarantine.")
app.add_typer(contracts.app, name="contract")
app.add_typer(quarantine.app, name="quarantine")
ingest.register(app)
validate.register(app)


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
    workspace, out = start(as_json=as_json)
    with workspace:
        found = workspace.datasets.get(dataset)
        profiled = workspace.datasets.profile(found.record.ref, progress=out.progress)
        first = found.scan().head(limit).collect()
        out.line((found.record.ref, "bold"), f"  {found.record.rows:,} rows  digest {found.record.digest[:12]}")
        if found.record.source_uri:
            out.line(f"from {found.record.source_uri}")
        rows = [[c.name, c.kind, c.nulls, c.distinct, c.summary()] for c in profiled.columns]
        out.table(["column", "kind", "missing", "distinct", "values"], rows)
        if not as_json:
            out.line(first_rows(first, limit, out.width))
        out.next(f"mw data profile {found.record.ref}", f"mw data contract infer {found.record.ref} -o contract.yaml")
        out.json({"record": found.record, "profile": profiled, "rows": first.to_dicts() if as_json else []})


def first_rows(frame: pl.DataFrame, limit: int, width: int) -> str:
    """The first rows as text; columns for which there is no room are left out in the middle."""
    import polars as pl

    columns = max(2, width // 18)
    with pl.Config(
        tbl_rows=limit, tbl_cols=columns, tbl_width_chars=width, fmt_str_lengths=20, tbl_hide_dataframe_shape=True,
        tbl_hide_column_data_types=True, tbl_formatting="NOTHING",
    ):  # fmt: skip
        return str(frame.head(limit))
