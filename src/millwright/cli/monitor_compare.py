"""`mw monitor compare`: drift between any two files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli.option import AsJson
from millwright.core.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

_Reference = Annotated[Path, typer.Argument(help="What is usual: a Parquet, Arrow, CSV or JSON lines file.")]
_Current = Annotated[Path, typer.Argument(help="What is compared with it.")]
_Fail = Annotated[bool, typer.Option("--fail", help="End with exit code 1 when a column drifted or is missing.")]


def register(app: typer.Typer) -> None:
    """Add the command to the group."""
    app.command("compare")(compare)


def compare(reference: _Reference, current: _Current, *, fail: _Fail = False, as_json: AsJson = False) -> None:
    """Compare two files column by column; needs no model, no server and no workspace. Nothing is kept."""
    from msgspec import to_builtins

    from millwright.cli.console import Output
    from millwright.monitoring.tables import compare_tables

    out = Output(as_json=as_json)
    found = compare_tables(_scan(reference), _scan(current))
    records = [each.record for each in found.columns]
    drifted = [record.column for record in records if record.drifted]
    out.line(f"{found.current_rows:,} rows beside {found.reference_rows:,}: {len(drifted)} of {len(records)} drifted.")
    ranked = sorted(records, key=lambda record: (not record.drifted, -record.scores.get(record.statistic, 0.0)))
    rows = [
        [r.column, r.kind, r.statistic, r.scores.get(r.statistic), r.threshold, r.p_value, r.drifted] for r in ranked
    ]
    out.table(["column", "kind", "decided by", "value", "limit", "p-value", "drifted"], rows)
    for what, names in (("missing", found.missing), ("new", found.new), ("not compared", found.left_out)):
        if names:
            out.warn(f"{what}: {', '.join(names)}")
    out.json(
        {
            "reference_rows": found.reference_rows,
            "current_rows": found.current_rows,
            "drifted": drifted,
            "missing": list(found.missing),
            "new": list(found.new),
            "left_out": list(found.left_out),
            "columns": to_builtins(records),
        }
    )
    if fail and (drifted or found.missing):
        raise typer.Exit(1)


def _scan(path: Path) -> pl.LazyFrame:
    import polars as pl

    readers: dict[str, Callable[[Path], pl.LazyFrame]] = {
        ".parquet": pl.scan_parquet,
        ".arrow": pl.scan_ipc,
        ".feather": pl.scan_ipc,
        ".csv": lambda file: pl.read_csv(file, try_parse_dates=True, infer_schema_length=10_000).lazy(),
        ".jsonl": lambda file: pl.read_ndjson(file).lazy(),
        ".ndjson": lambda file: pl.read_ndjson(file).lazy(),
    }
    if path.suffix.lower() not in readers:
        raise InvalidInputError(
            f"Expected a file of type {', '.join(sorted(readers))}, found '{path.name}'.",
            hint="Write it as Parquet, of which one column is read at a time.",
        )
    if not path.is_file():
        raise NotFoundError(f"There is no file '{path}'.", hint="Check the path.")
    try:
        table: pl.LazyFrame = readers[path.suffix.lower()](path)
        table.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InvalidInputError(
            f"'{path}' cannot be read as {path.suffix[1:]}: {str(error).splitlines()[0]}.", hint="Look at the file."
        ) from error
    return table
