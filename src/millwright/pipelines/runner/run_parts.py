"""What the steps of one run share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from millwright.core.clock import Clock
from millwright.core.progress import Progress
from millwright.pipelines.graph.node import Graph
from millwright.pipelines.runner.journal import Journal
from millwright.pipelines.runner.key import KeyMaker
from millwright.pipelines.runner.lease import LeaseKeeper
from millwright.pipelines.runner.options import RunOptions
from millwright.pipelines.runner.shelf import ValueShelf
from millwright.storage.base import PipelineStore


@dataclass(frozen=True, kw_only=True, slots=True)
class RunParts:
    """What the steps of one run share.

    Attributes:
        ignored: Folders that are nobody's input, such as the stores'.
        stop_asked: Whether somebody asked for the run to stop.
    """

    graph: Graph
    options: RunOptions
    pipelines: PipelineStore
    clock: Clock
    progress: Progress
    services: Mapping[type, object]
    project_dir: Path
    keys: KeyMaker
    shelf: ValueShelf
    leases: LeaseKeeper
    journal: Journal
    ignored: tuple[str, ...] = ()
    stop_asked: Callable[[], bool] = lambda: False
