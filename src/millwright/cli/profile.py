"""`mw data profile`: what is in a dataset's version or a file."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli.file import read_table, write_file
from millwright.cli.option import AsJson, start
from millwright.core.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from millwright.cli.console import Output
    from millwright.core.progress import Progress
    from millwright.data.profiles import ColumnProfile, TableProfile
    from millwright.workspace.workspace import Workspace

_CORRELATIONS = 5
_BLOCKS = " ▁▂▃▄▅▆▇█"


def profile(
    source: Annotated[str, typer.Argument(help="A file, or a dataset as name or name@version.")],
    *,
    columns: Annotated[
        str, typer.Option(help="Only these columns, by name, separated by commas, each in detail.")
    ] = "",
    exact: Annotated[
        bool, typer.Option("--exact", help="Read all rows again where the stored profile is an estimate.")
    ] = False,
    html: Annotated[str, typer.Option(help="Write the profile as a page that opens anywhere.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show what is in each column: counts, quantiles, frequent values, what it stands for, and suspected personal data.

    A dataset's profile is stored with the version; a file is read. Values of columns that are suspected to
    hold personal data are hidden.
    """
    workspace, out = start(as_json=as_json)
    with workspace:
        found, ref = _found(workspace, source, exact=exact, progress=out.progress)
        chosen = _chosen(found, columns) if columns else found
        _show(out, chosen, detailed=bool(columns))
        if html:
            _write(html, chosen, ref)
            out.done(f"Profile written to {html}.")
        else:
            out.next(shlex.join(["mw", "data", "profile", source, "--html", "profile.html"]))
        out.json({"source": ref, "profile": chosen, "html": html or None})


def _found(workspace: Workspace, source: str, *, exact: bool, progress: Progress) -> tuple[TableProfile, str]:
    from millwright.data.profiles import profile as measured

    if Path(source).is_file() or "://" in source:
        return measured(read_table(workspace, source), progress=progress), source
    try:
        dataset = workspace.datasets.get(source)
    except (NotFoundError, InvalidInputError):
        # Reading says that the file is not there, and names the closest.
        return measured(read_table(workspace, source), progress=progress), source
    stored = workspace.datasets.profile(dataset.record.ref, progress=progress)
    if exact and not stored.is_exact:
        stored = measured(dataset.read(), progress=progress)
    return stored, dataset.record.ref


def _chosen(found: TableProfile, columns: str) -> TableProfile:
    from difflib import get_close_matches

    names = [name.strip() for name in columns.split(",") if name.strip()]
    known = {column.name.strip(): column for column in found.columns}
    for name in names:
        if name not in known:
            close = get_close_matches(name, known, n=3, cutoff=0.4) or list(known)[:5]
            raise InvalidInputError(
                f"Expected columns of the table, found '{name}'.", hint=f"Name some of: {', '.join(close)}."
            )
    kept = {known[name].name for name in names}
    pairs = tuple(one for one in found.correlations if {one.first, one.second} & kept)
    return replace(found, columns=tuple(known[name] for name in names), correlations=pairs)


def _show(out: Output, found: TableProfile, *, detailed: bool) -> None:
    from millwright.data.profiles.page import accuracy

    out.line((f"{found.rows:,} rows, {len(found.columns):,} columns. ", "bold"), accuracy(found))
    rows = [
        [column.name, column.kind.value, _words(column.semantic), column.nulls, column.distinct, column.summary()]
        for column in found.columns
    ]
    out.table(["column", "kind", "stands for", "missing", "distinct", "values"], rows)
    if detailed:
        for column in found.columns:
            _show_column(out, column)
    if found.correlations:
        pairs = [[one.first, one.second, _words(one.measure), one.value] for one in found.correlations[:_CORRELATIONS]]
        out.table(["column", "goes with", "measure", "value"], pairs)
    suspected = [f"{column.name} ({_words(column.personal)})" for column in found.columns if column.personal]
    if suspected:
        out.warn(f"Suspected personal data, values hidden: {', '.join(suspected)}.")


def _show_column(out: Output, column: ColumnProfile) -> None:
    out.line((column.name, "bold"))
    if column.histogram is not None:
        most = max(*column.histogram.counts, 1)
        heights = [-(-count * (len(_BLOCKS) - 1) // most) for count in column.histogram.counts]
        out.line(f"  {''.join(_BLOCKS[height] for height in heights)}  {column.summary()}")
    facts = [(f"{float(share):.0%}", value) for share, value in column.quantiles.items()]
    if column.lengths is not None:
        lengths = column.lengths
        out.line(f"  {lengths.minimum:,} to {lengths.maximum:,} characters, mean {lengths.mean:.4g}")
    if facts:
        out.table([name for name, _ in facts], [[value for _, value in facts]])
    if column.top:
        out.table(["most frequent", "rows"], [[str(one.value), one.count] for one in column.top])


def _write(path: str, found: TableProfile, ref: str) -> None:
    from millwright.data.profiles.page import profile_page

    write_file(path, profile_page(found, title=ref, subtitle="Profile of the table's columns").encode())


def _words(semantic: object) -> str:
    return "" if semantic is None else str(semantic).replace("_", " ")


def register(app: typer.Typer) -> None:
    """Add the command to `mw data`."""
    app.command("profile")(profile)
