"""`mw data quarantine`: rows that broke a contract, shown, repaired and replayed."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from millwright.cli.file import write_file
from millwright.cli.option import AsJson, Limit, start

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from millwright.data.quarantine.catalog import Quarantined

app = typer.Typer(no_args_is_help=True, help="Rows that broke a contract: shown, repaired, replayed.")

_Name = Annotated[str, typer.Argument(help="The dataset's name.")]


@app.command("list")
def list_quarantines(*, as_json: AsJson = False) -> None:
    """List datasets of which rows are set aside, with the most frequent reasons."""
    workspace, out = start(as_json=as_json)
    with workspace:
        found = workspace.quarantine.list()
        if found:
            rows = [[one.dataset, one.rows, one.of, one.contract or "", next(iter(one.reasons), "")] for one in found]
            out.table(["dataset", "rows", "of", "contract", "most frequent reason"], rows)
            out.next(f"mw data quarantine show {found[0].dataset}")
        else:
            out.line("No rows are set aside.")
        out.json([_as_dict(one) for one in found])


@app.command("show")
def show(
    name: _Name,
    *,
    limit: Limit = 10,
    output: Annotated[
        str, typer.Option("--output", "-o", help="Write all rows to this CSV or Parquet file, for you to correct.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Show the rows of a dataset that are set aside, and the reasons counted."""
    workspace, out = start(as_json=as_json)
    with workspace:
        found = workspace.quarantine.get(name)
        rows = found.version.read()
        out.line(
            (found.version.record.ref, "bold"), f"  {found.rows:,} rows of {found.of}, by {found.contract or 'a file'}"
        )
        if found.reasons:
            out.table(["rows", "reason"], [[count, reason] for reason, count in found.reasons.items()])
        if not as_json and not output:
            shown = _flat(rows.head(limit))
            columns = shown.columns[: max(3, out.width // 18)]  # what there is room for
            out.table(columns, [list(row) for row in shown.select(columns).iter_rows()])
        if output:
            write_file(output, _written(rows, output))
            out.done(f"{rows.height:,} rows written to {output}; correct them, leave _row as it is, then:")
            out.next(shlex.join(["mw", "data", "quarantine", "repair", name, "--file", output]))
        elif found.rows:
            out.next(
                f"mw data quarantine show {name} -o rows.csv",
                f"mw data quarantine repair {name} --set COLUMN=EXPRESSION",
            )
        out.json({**_as_dict(found), "written": output or None, "first": _flat(rows.head(limit)).to_dicts()})


@app.command("repair")
def repair(
    name: _Name,
    *,
    assign: Annotated[
        list[str] | None, typer.Option("--set", help="COLUMN=SQL expression over the columns; may be repeated.")
    ] = None,
    where: Annotated[str, typer.Option(help="With --set: a SQL condition; the other rows stay as they are.")] = "",
    sql: Annotated[
        str, typer.Option(help="A SELECT over the table 'quarantine' that gives _row and the corrected columns.")
    ] = "",
    file: Annotated[str, typer.Option(help="A file with _row and the corrected columns; see show -o.")] = "",
    as_json: AsJson = False,
) -> None:
    """Write a corrected version of the rows that are set aside; replay brings them back."""
    workspace, out = start(as_json=as_json)
    with workspace:
        correct, by = _correction(assign or [], where, sql, file)
        before = workspace.quarantine.get(name)
        version = workspace.quarantine.repair(name, correct, by=by)
        if version.record.version == before.version.record.version:
            out.line(f"{version.record.ref} has these values already.")
        else:
            out.done(f"{version.record.ref} has the corrected values; {before.version.record.ref} is kept.")
        # A contract that is not published has a name, by which nobody finds it.
        contract = before.contract if before.contract is not None and "@" in before.contract else "FILE"
        out.next(f"mw data quarantine replay {before.dataset} --contract {contract}")
        out.json(version.record)


@app.command("replay")
def replay(
    name: _Name,
    *,
    contract: Annotated[
        str, typer.Option(help="A YAML or Python file, or name@2; by default the published one that they broke.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Judge the rows again: those that hold go back into the dataset, the others stay with their new reasons."""
    workspace, out = start(as_json=as_json)
    with workspace:
        found = workspace.quarantine.get(name)
        loaded, record = workspace.contracts.open(contract or _published(found))
        result = workspace.quarantine.replay(name, loaded, contract_ref=record.ref if record else None)
        if result.accepted:
            out.done(f"{result.accepted:,} rows hold now; they are in {result.dataset}.")
        if result.left:
            out.warn(f"{result.left:,} rows still break the contract; they are in {result.quarantine}.")
            ordered = sorted(result.reasons.items(), key=lambda item: (-item[1], item[0]))
            out.table(["rows", "reason"], [[count, reason] for reason, count in ordered])
            out.next(f"mw data quarantine show {found.dataset}")
        elif not result.accepted:
            out.line("No rows are set aside.")
        out.json(result)


def _correction(
    assign: list[str], where: str, sql: str, file: str
) -> tuple[Callable[[pl.DataFrame], pl.DataFrame], str]:
    """The one way of correcting that was named, and what to call it in the record."""
    from millwright.core.errors import InvalidInputError
    from millwright.data.quarantine.repair import by_expressions, by_query, by_rows

    if sum(map(bool, (assign, sql, file))) != 1 or (where and not assign):
        raise InvalidInputError(
            "Expected one of --set (with --where or not), --sql and --file.",
            hint="For example: --set \"cost=REPLACE(cost, '$', '')\".",
        )
    if file:
        from millwright.data.sources.source import read_source

        edited = read_source(file).frame
        return lambda rows: by_rows(rows, edited), f"file {Path(file).name}"
    if sql:
        return lambda rows: by_query(rows, sql), sql
    pairs = [text.partition("=") for text in assign]
    wrong = next((text for text, pair in zip(assign, pairs, strict=True) if not pair[0] or not pair[2]), None)
    if wrong is not None:
        raise InvalidInputError(
            f"Expected COLUMN=EXPRESSION, found '{wrong}'.", hint="For example: --set \"status='open'\"."
        )
    expressions = {name.strip(): text.strip() for name, _, text in pairs}
    shown = ", ".join(assign) + (f" where {where}" if where else "")
    return lambda rows: by_expressions(rows, expressions, where), shown


def _published(found: Quarantined) -> str:
    from millwright.core.errors import InvalidInputError

    if found.contract is None or "@" not in found.contract:
        raise InvalidInputError(
            f"Expected a contract: the rows of {found.dataset} broke one that is not published.",
            hint=f"mw data quarantine replay {found.dataset} --contract FILE",
        )
    return found.contract


def _written(rows: pl.DataFrame, path: str) -> bytes:
    import io

    buffer = io.BytesIO()
    if path.endswith(".parquet"):
        rows.write_parquet(buffer)
    else:
        _flat(rows).write_csv(buffer)
    return buffer.getvalue()


def _flat(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with their reasons as one text, number and reasons first."""
    import polars as pl

    joined = rows.with_columns(pl.col("_reasons").list.join("; "))
    return joined.select("_row", "_reasons", pl.exclude("_row", "_reasons"))


def _as_dict(one: Quarantined) -> dict[str, Any]:
    return {
        "dataset": one.dataset,
        "quarantine": one.version.record.ref,
        "of": one.of,
        "contract": one.contract,
        "rows": one.rows,
        "reasons": one.reasons,
    }
