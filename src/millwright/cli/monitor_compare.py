"""`mw monitor compare`: drift between any two files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli.monitor_report import TESTS, p_values
from millwright.cli.option import AsJson

if TYPE_CHECKING:
    import polars as pl

    from millwright.data.sources.place import FetchedFile

_Reference = Annotated[str, typer.Argument(help="What is usual: a file or URL of any format that can be ingested.")]
_Current = Annotated[str, typer.Argument(help="What is compared with it.")]
_Fail = Annotated[
    bool, typer.Option("--fail", help="End with exit code 1 when a column drifted, is missing or of another type.")
]


def register(app: typer.Typer) -> None:
    """Add the command to the group."""
    app.command("compare")(compare)


def compare(reference: _Reference, current: _Current, *, fail: _Fail = False, as_json: AsJson = False) -> None:
    """Compare two files column by column; needs no model, no server and no workspace. Nothing is kept."""
    from msgspec import to_builtins

    from millwright.cli.console import Output
    from millwright.data.sources.place import fetched
    from millwright.monitoring.tables import compare_tables

    out = Output(as_json=as_json)
    with fetched(reference) as before, fetched(current) as now:
        found = compare_tables(_scan(before), _scan(now))
    records = [each.record for each in found.columns]
    drifted = [record.column for record in records if record.drifted]
    out.line(f"{found.current_rows:,} rows beside {found.reference_rows:,}: {len(drifted)} of {len(records)} drifted.")
    ranked = sorted(records, key=lambda record: (not record.drifted, -record.scores.get(record.statistic, 0.0)))
    headers, values = p_values(ranked)
    rows = [
        [r.column, r.kind, r.statistic, r.scores.get(r.statistic), r.threshold, TESTS.get(r.test), *found, r.drifted]
        for r, found in zip(ranked, values, strict=True)
    ]
    out.table(["column", "kind", "decided by", "value", "limit", "test", *headers, "drifted"], rows)
    told = (
        ("of another type", tuple(map(str, found.retyped))),
        ("only in the reference", found.missing),
        ("only in what is compared with it", found.new),
        ("not compared", found.left_out),
    )
    for what, names in told:
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
            "retyped": to_builtins(found.retyped),
            "columns": to_builtins(records),
        }
    )
    if fail and (drifted or found.missing or found.retyped):
        raise typer.Exit(1)


def _scan(file: FetchedFile) -> pl.LazyFrame:
    """A file's rows; of a Parquet file, columns are read as they are asked for, and text is parsed in all others."""
    from millwright.data.contracts.inference import infer_contract
    from millwright.data.contracts.parsing import parse_columns
    from millwright.data.sources.file import read_file, scan_file
    from millwright.data.sources.request import SourceOptions

    options = SourceOptions()
    found = scan_file(file, options)
    if found is not None and found[1] == "parquet":
        return found[0]
    frame = read_file(file, options)[0]
    return parse_columns(frame, infer_contract(frame, "compared")).frame.lazy()
