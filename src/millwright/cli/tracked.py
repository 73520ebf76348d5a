"""`mw runs search` and `mw runs compare`: what was tracked."""

from __future__ import annotations

import json
import shutil
from itertools import zip_longest
from typing import TYPE_CHECKING, Annotated, Any

import typer

from millwright.cli.option import AsJson, Limit, start
from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    from millwright.core.records.run import RunRecord

_MOST_COLUMNS = 6
_FIRST_COLUMNS, _NARROWEST = 58, 8  # characters
_SYSTEM = "system/"


def register(app: typer.Typer) -> None:
    """Add the commands to `mw runs`."""
    app.command("search")(search_runs)
    app.command("compare")(compare_runs)


def search_runs(
    where: Annotated[
        str, typer.Argument(help="A filter: \"metrics.auc > 0.8 and params.model = 'rf'\"; all runs when absent.")
    ] = "",
    *,
    experiment: Annotated[str, typer.Option("--experiment", "-e", help="Only runs of this experiment.")] = "",
    order: Annotated[
        list[str] | None, typer.Option("--order", "-o", help='Such as "metrics.auc desc"; may be given again.')
    ] = None,
    limit: Limit = 20,
    after: Annotated[str, typer.Option("--after", help="The token of the page before.")] = "",
    as_json: AsJson = False,
) -> None:
    """Search tracked runs by metrics, parameters, tags and attributes; the latest first."""
    workspace, out = start(as_json=as_json)
    with workspace:
        page = workspace.tracker.search(
            where, experiment=experiment or None, order=order or (), limit=limit, after=after or None
        )
        found = list(page.items)
        metrics = _columns(found, "metrics", where, order or [])
        params = _columns(found, "params", where, order or [])
        metrics, params = _fitting(metrics, params)
        rows = [
            [r.id[-8:], r.name, r.status.value, r.started_at, *map(r.metrics.get, metrics), *map(r.params.get, params)]
            for r in found
        ]
        if found:
            out.table(["run", "name", "status", "started", *metrics, *params], rows)
            others = [found[1].id[-8:]] if len(found) > 1 else []
            compared = [f"mw runs compare {found[0].id[-8:]} {other}" for other in others]
            out.next(*compared, f"mw runs show {found[0].id[-8:]}")
            if page.next_token:
                out.line(f"There are more: --limit, or --after {page.next_token}")
        else:
            out.line("No tracked run fits." if where or experiment else "No run was tracked in this workspace.")
        out.json({"items": found, "next_token": page.next_token})


def compare_runs(
    runs: Annotated[list[str], typer.Argument(help="Two or more runs' ids, or their last 8 digits.")],
    *,
    system: Annotated[bool, typer.Option("--system", help="Compare how busy the machine was, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare tracked runs: parameters, metrics, data, code and tags in which they differ."""
    from millwright.tracking.frame import differences

    if len(runs) < 2:
        raise InvalidInputError("Expected two runs or more, found one.", hint="Find them with: mw runs search")
    workspace, out = start(as_json=as_json)
    with workspace:
        tracker = workspace.tracker
        records = [tracker.resolve(run) for run in runs]
        found = [
            difference
            for difference in differences(records, tracker.links(records))
            if system or not difference.key.startswith(_SYSTEM)
        ]
        if found:
            titles = [f"{record.name} ({record.id[-8:]})" for record in records]
            out.table(["", "what", *titles], [[each.kind, each.key, *map(_cell, each.values)] for each in found])
        else:
            out.line("These runs differ in nothing that was tracked.")
        out.json({"runs": records, "differences": found})


def _columns(found: list[RunRecord], kind: str, where: str, order: list[str]) -> list[str]:
    """The keys worth a column: those that were asked about, then those that most runs have."""
    counts: dict[str, int] = {}
    for run in found:
        for key in getattr(run, kind):
            counts[key] = counts.get(key, 0) + 1
    asked = " ".join((where, *order))
    keys = [key for key in counts if key in asked or not key.startswith(_SYSTEM)]
    return sorted(keys, key=lambda key: (key not in asked, -counts[key], key))[:_MOST_COLUMNS]


def _fitting(metrics: list[str], params: list[str]) -> tuple[list[str], list[str]]:
    """Those that have room beside one another, of both kinds by turns; `--json` has all."""
    room = shutil.get_terminal_size((120, 24)).columns - _FIRST_COLUMNS
    kept: tuple[list[str], list[str]] = ([], [])
    for pair in zip_longest(metrics, params):
        for kind, key in zip(kept, pair, strict=True):
            if key is not None and (room := room - max(len(key), _NARROWEST) - 2) >= 0:
                kind.append(key)
    return kept


def _cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict) else value
