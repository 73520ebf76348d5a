"""`mw learning`: models that learn from labels as they arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from millwright.cli.option import AsJson, start
from millwright.core.errors import NotFoundError, closest

if TYPE_CHECKING:
    from millwright.automation.online import OnlineLearner, OnlineStatus
    from millwright.cli.console import Output
    from millwright.workspace.workspace import Workspace

app = typer.Typer(no_args_is_help=True, help="Models that go on learning from labels as they arrive.")

_NEWEST = 20

_Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Only these; all when left out.")]


@app.command("step")
def step(names: _Names = None, *, as_json: AsJson = False) -> None:
    """Meet the labels that are new: answer, score, learn, and keep a snapshot when one is due."""
    workspace, out = start(as_json=as_json)
    with workspace:
        steps = {name: learner.step() for name, learner in _learners(workspace, names).items()}
        _warn(out, workspace, list(steps))
        found = [status for status in steps.values() if status is not None]
        _print(out, found)
        for name in (name for name, status in steps.items() if status is None):
            out.warn(f"Another process is at '{name}'.")
        out.json(found)


@app.command("show")
def show(names: _Names = None, *, as_json: AsJson = False) -> None:
    """Tell where each one stands, and its snapshots with their scores; nothing is learnt by looking."""
    workspace, out = start(as_json=as_json)
    with workspace:
        told = []
        for learner in _learners(workspace, names).values():
            status, snapshots = learner.look(), learner.snapshots()
            _print(out, [status])
            out.table(
                ["snapshot", "registered", "learnt", "score", "over", ""],
                [
                    [version.ref, version.created_at, each.learnt, _score(each.metric, each.value), len(each.window),
                     "beyond its limit" * (not each.is_good)]
                    for version, each in snapshots[:_NEWEST]
                ],
            )  # fmt: skip
            if len(snapshots) > _NEWEST:
                out.line(f"{len(snapshots) - _NEWEST} older snapshots are not shown; --json has them all.")
            rows = [{"version": version.ref, "at": version.created_at, "learnt": each.learnt, "metric": each.metric,
                     "value": each.value, "is_good": each.is_good} for version, each in snapshots]  # fmt: skip
            told.append({"status": status, "snapshots": rows})
        _warn(out, workspace, list(_learners(workspace, names)))
        out.json(told)


def _warn(out: Output, workspace: Workspace, names: list[str]) -> None:
    """Say where nothing can come of it: no endpoint, or one that answers with another version for ever."""
    for name in names:
        declared = workspace.settings.learning[name]
        endpoint, followed = workspace.stores.endpoints.find(declared.endpoint), f"{declared.model}@{declared.alias}"
        if endpoint is None:
            known = [each.name for each in workspace.stores.endpoints.list()]
            out.warn(
                f"{name}: there is no endpoint '{declared.endpoint}' yet, so no labels come. "
                + (closest(declared.endpoint, known) or f"Serve it: mw serve {followed}")
            )
        elif f"{endpoint.model}@{endpoint.selector}" != followed:
            out.warn(
                f"{name}: the endpoint '{endpoint.name}' answers with {endpoint.model}@{endpoint.selector}, not with "
                f"what is learnt ({followed})."
            )


def _score(metric: str, value: float | None) -> str:
    return metric if value is None else f"{metric} {value:.4g}"


def _print(out: Output, found: list[OnlineStatus]) -> None:
    rows = [
        [each.name, each.version, each.met, each.learnt, _score(each.metric, each.value), each.window,
         "held" if each.is_held else "learning"]
        for each in found
    ]  # fmt: skip
    out.table(["name", "snapshot", "labels met", "learnt", "score", "over", "state"], rows)
    out.items([f"{each.name}: {each.reason}" for each in found if each.is_held])


def _learners(workspace: Workspace, names: list[str] | None) -> dict[str, OnlineLearner]:
    from millwright.workspace.online import learners

    found = learners(workspace)
    if not found:
        raise NotFoundError(
            "No model is declared to learn online.",
            hint="Declare one in millwright.toml: [learning.NAME] with endpoint and model.",
        )
    for name in names or ():
        if name not in found:
            hint = closest(name, found) or "See millwright.toml."
            raise NotFoundError(f"There is no table [learning.{name}].", hint=hint)
    return {name: learner for name, learner in found.items() if not names or name in names}
