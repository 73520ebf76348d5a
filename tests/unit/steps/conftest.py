"""The context that a step is given, over a project in which a model was trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.data.datasets.catalog import DatasetCatalog
from millwright.models.package import PackageLoader
from millwright.pipelines.context import StepContext
from millwright.registry.registry import Registry
from millwright.storage.catalog import Stores
from millwright.tracking.tracker import Tracker
from millwright.workspace.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def workspace(trained: Path) -> Iterator[Workspace]:
    with Workspace.open(trained) as opened:
        yield opened


@pytest.fixture
def ctx(workspace: Workspace) -> StepContext:
    """As the runner gives it to a step of the run that trained the model."""
    run = workspace.stores.pipelines.list_pipeline_runs()[0]
    done = workspace.stores.pipelines.list_step_runs(run.id)
    return StepContext(
        step="step",
        pipeline="late-visit",
        pipeline_run_id=run.id,
        step_run_id=done[0].id,
        clock=workspace.clock,
        project_dir=workspace.folder,
        tracking_run_id=run.tracking_run_id,
        services={
            Stores: workspace.stores,
            DatasetCatalog: workspace.datasets,
            Tracker: workspace.tracker,
            Registry: workspace.registry,
            PackageLoader: PackageLoader(),
        },
    )
