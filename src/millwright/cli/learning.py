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

_Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Only these; all when left out.")]


@app.command("step")
def step(names: _Names = None, *, as_json: AsJson = False) -> None:
    """Meet the labels that are new: answer, score, learn, and keep a snapshot when one is due."""
    workspace, out = start(as_json=as_json)
    with workspace:
        steps = {name: learner.step() for name, learner in _learners(workspace, names).items()}
        found = [status for status in steps.values() if status is not None]
        _print(out, found)
        for name in (name for name, status in steps.items() if status is None):
            out.warn(f"Another process is at '{name}'.")
        out.json(found)


def _print(out: Output, found: list[OnlineStatus]) -> None:
    rows = [
        [each.name, each.version, each.met, each.learnt, f"{each.metric} {each.value:.4g}" if each.value is not None
         else each.metric, each.window, "held" if each.is_held else "learning"]
        for each in found
    ]  # fmt: skip
    out.table(["name", "snapshot", "new labels", "learnt since", "metric", "over", "state"], rows)
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
