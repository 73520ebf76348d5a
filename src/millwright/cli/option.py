"""Options that several commands share, and opening the workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

if TYPE_CHECKING:
    from millwright.cli.console import Output
    from millwright.workspace.workspace import Workspace

AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Limit: TypeAlias = Annotated[int, typer.Option("--limit", "-n", min=1, help="Most rows to show.")]


def start(*, as_json: bool = False) -> tuple[Workspace, Output]:
    """Open the workspace found from here, and the output for a command."""
    from millwright.cli.console import Output
    from millwright.workspace.workspace import Workspace

    out = Output(as_json=as_json)
    return Workspace.open(progress=out.progress), out
