"""Where steps are executed other than in this process, from the workspace's settings."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.pipelines.runner.executors.base import Executor
    from millwright.pipelines.runner.executors.remote import Opener
    from millwright.pipelines.runner.run_parts import RunParts
    from millwright.workspace.settings import Settings

_OPEN_SIDE = "millwright.workspace.remote:open_side"  # named, since it opens the workspace that is built from here


def opener(folder: Path, settings: Settings) -> Opener:
    """How other processes open the workspace."""
    from millwright.pipelines.runner.executors.remote import Opener

    config = {"folder": str(folder.absolute()), "settings": settings.model_dump_json()}
    paths = tuple(path for path in sys.path if path)
    return Opener(function=_OPEN_SIDE, config=config, paths=paths)


def process_executor(parts: RunParts, opener: Opener, settings: Settings) -> Executor:
    """Steps in processes of this machine."""
    from millwright.pipelines.runner.executors.processes import ProcessExecutor

    return ProcessExecutor(parts, opener, settings.pipelines.cores)


def ray_executor(parts: RunParts, opener: Opener, settings: Settings) -> Executor:
    """Steps on Ray."""
    from millwright.pipelines.runner.executors.ray import RayExecutor

    return RayExecutor(parts, opener, settings.pipelines.ray_address)
