"""The workspace as other processes open it, to execute steps for the one that asks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.pipelines.runner.executors.remote import Side


def open_side(config: Mapping[str, Any]) -> Side:
    """What steps need, from the settings of the process that asks; called by name.

    Args:
        config: What `executors.opener` wrote.
    """
    from millwright.workspace.settings import Settings
    from millwright.workspace.workspace import Workspace

    settings = Settings.model_validate_json(config["settings"])
    return Workspace(Path(config["folder"]), settings).runner.side()
