"""Options that several commands share, and opening the workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.cli.console import Output
    from millwright.workspace.workspace import Workspace

AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Limit: TypeAlias = Annotated[int, typer.Option("--limit", "-n", min=1, help="Most rows to show.")]

COLUMNS = ", such as region,day; or one each time. A name with a comma stands in double quotes."


def column_names(words: Sequence[str] | None) -> tuple[str, ...]:
    """The columns that an option names, separated by commas or each in an option of its own.

    >>> column_names(["id, day", '"cost, total"'])
    ('id', 'day', 'cost, total')
    """
    from csv import reader

    names = (name.strip() for row in reader(words or (), skipinitialspace=True) for name in row)
    return tuple(name for name in names if name)


def start(*, as_json: bool = False) -> tuple[Workspace, Output]:
    """Open the workspace found from here, and the output for a command."""
    from millwright.cli.console import Output
    from millwright.workspace.workspace import Workspace

    out = Output(as_json=as_json)
    return Workspace.open(progress=out.progress), out
