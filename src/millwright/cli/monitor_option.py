"""Options that name a declared monitor."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer


def complete_monitor(incomplete: str) -> list[str]:
    """Names of the monitors that the project file declares."""
    from millwright.workspace.workspace import Workspace

    try:
        with Workspace.open() as workspace:
            return sorted(name for name in workspace.settings.monitors if name.startswith(incomplete))
    except Exception:  # noqa: BLE001 - while somebody types, nothing is an error
        return []


ByMonitor: TypeAlias = Annotated[
    str,
    typer.Option(
        "--monitor",
        help="As this declared monitor says: its window, thresholds and reference.",
        autocompletion=complete_monitor,
    ),
]
OfMonitor: TypeAlias = Annotated[
    str,
    typer.Option("--monitor", help="Only those of this declared monitor.", autocompletion=complete_monitor),
]
