"""The workspace as other processes open it, to execute steps for this one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.pipelines.runner.coordinator import RunParts
    from millwright.pipelines.runner.executors.base import Executor
    from millwright.pipelines.runner.executors.remote import Opener, Side
    from millwright.workspace.settings import Settings


def open_side(config: Mapping[str, Any]) -> Side:
    """What steps need, from the settings of the process that asks; called by name.

    Args:
        config: What `opener` wrote.
    """
    from millwright.workspace.settings import Settings
    from millwright.workspace.workspace import Workspace

    settings = Settings.model_validate_json(config["settings"])
    return Workspace(Path(config["folder"]), settings).runner.side()


def opener(folder: Path, settings: Settings) -> Opener:
    """How other processes open the workspace."""
    from millwright.pipelines.runner.executors.remote import Opener

    config = {"folder": str(folder.absolute()), "settings": settings.model_dump_json()}
    paths = tuple(path for path in sys.path if path)
    return Opener(function=f"{__name__}:{open_side.__name__}", config=config, paths=paths)


def process_executor(parts: RunParts, opener: Opener, settings: Settings) -> Executor:
    """Steps in processes of this machine."""
    from millwright.pipelines.runner.executors.processes import ProcessExecutor

    return ProcessExecutor(parts, opener, settings.pipelines.cores)


def ray_executor(parts: RunParts, opener: Opener, settings: Settings) -> Executor:
    """Steps on Ray."""
    from millwright.pipelines.runner.executors.ray import RayExecutor

    return RayExecutor(parts, opener, settings.pipelines.ray_address)
