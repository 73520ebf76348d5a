"""`mw predictions`: what an endpoint has answered, from its prediction log."""

from __future__ import annotations

import heapq
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from millwright.cli.option import AsJson, start
from millwright.core.errors import NotFoundError, closest

if TYPE_CHECKING:
    from millwright.core.records.prediction import PredictionRecord
    from millwright.workspace.workspace import Workspace

# The log may be long: what is asked for is mostly of today.
_WINDOWS = (timedelta(hours=1), timedelta(days=1), timedelta(days=30), None)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("predictions")(predictions)


def predictions(
    endpoint: Annotated[str, typer.Argument(help="The endpoint's name.")],
    *,
    last: Annotated[int, typer.Option("--last", "-n", min=1, help="Most predictions to show.")] = 20,
    version: Annotated[int, typer.Option(min=0, help="Only those of one version.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Show an endpoint's newest predictions from its log: ids, features, answers."""
    workspace, out = start(as_json=as_json)
    with workspace:
        known = {*(record.name for record in workspace.stores.endpoints.list())}
        known |= {*workspace.stores.predictions.list_endpoints()}
        if endpoint not in known:
            hint = closest(endpoint, sorted(known)) or "Serve a model first: mw serve NAME@champion"
            raise NotFoundError(f"There is no endpoint '{endpoint}'.", hint=hint)
        found = _newest(workspace, endpoint, last, version or None)
        if found:
            out.table(
                ["at", "prediction id", "version", "answer", "features", "key"],
                [
                    [each.at, each.id, each.version, _cells(each.outputs), _cells(each.features), each.key]
                    for each in found
                ],
            )
            out.next(f"mw monitor check {endpoint}")
        else:
            out.line(f"The log of '{endpoint}' holds no predictions.")
        out.json(found)


def _newest(workspace: Workspace, endpoint: str, count: int, version: int | None) -> list[PredictionRecord]:
    """The newest predictions, the newest first."""
    found: list[PredictionRecord] = []
    for window in _WINDOWS:
        begin = None if window is None else workspace.clock.now() - window
        rows = workspace.stores.predictions.iter(endpoint, start=begin, version=version)
        found = heapq.nlargest(count, rows, key=lambda each: each.at)
        if len(found) == count:
            break
    return found


def _cells(values: Any) -> str:
    """Values by name, in short."""
    shown = {name: f"{value:.6g}" if isinstance(value, float) else str(value) for name, value in values.items()}
    return ", ".join(f"{name}={value}" for name, value in shown.items())
