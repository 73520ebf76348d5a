"""What the steps of one run share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from millwright.core.clock import Clock
from millwright.core.progress import Progress
from millwright.pipelines.context import StepContext
from millwright.pipelines.graph.node import Graph
from millwright.pipelines.runner.journal import Journal, new_step_run_id
from millwright.pipelines.runner.key import KeyMaker
from millwright.pipelines.runner.lease import LeaseKeeper
from millwright.pipelines.runner.options import RunOptions
from millwright.pipelines.runner.shelf import ValueShelf
from millwright.storage.base import PipelineStore

if TYPE_CHECKING:
    from millwright.core.ids import PipelineRunId


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

    def context(self, run_id: PipelineRunId, step: str) -> StepContext:
        """What one execution of a step is told, under a new id."""
        return StepContext(
            step=step,
            pipeline=self.graph.pipeline,
            pipeline_run_id=run_id,
            step_run_id=new_step_run_id(),
            clock=self.clock,
            params=self.graph.values,
            progress=self.progress,
            project_dir=self.project_dir,
            tracking_run_id=self.options.tracking_run_id,
            trigger=self.options.trigger,
            services=self.services,
            stop_asked=self.stop_asked,
        )
