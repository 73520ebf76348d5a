"""The pipeline run that a command is about."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from millwright.core.errors import NotFoundError
from millwright.core.ids import PipelineRunId

if TYPE_CHECKING:
    from millwright.core.records.pipeline import PipelineRunRecord
    from millwright.core.records.queue import RunRequest
    from millwright.workspace.workspace import Workspace

RunOrLatest: TypeAlias = Annotated[
    str, typer.Argument(help="The run's id, or its last 8 digits; by default the latest.")
]


def pipeline_run(workspace: Workspace, run: str) -> PipelineRunRecord:
    """The run with an id, or a part of it; the one that began last when it is empty.

    Raises:
        NotFoundError: There is no such run, or none at all.
    """
    pipelines = workspace.stores.pipelines
    if run:
        try:
            return pipelines.get_pipeline_run(PipelineRunId(run))
        except NotFoundError as error:
            request = queued_run(workspace, run)
            if request is None:
                raise
            raise NotFoundError(
                f"Nothing of run '{request.id[-8:]}' of '{request.name}' was executed: it is {request.state.value}.",
                hint=f"See it with: mw queue show {request.id[-8:]}",
            ) from error
    latest = pipelines.list_pipeline_runs(limit=1)
    if not latest:
        raise NotFoundError("No pipeline has run in this workspace.", hint="Run one: mw run pipeline.py")
    return latest[0]


def queued_run(workspace: Workspace, run: str) -> RunRequest | None:
    """The request of a run that was left to workers; None when there is none with that id or part of it."""
    with suppress(NotFoundError):
        return workspace.stores.queue.get(PipelineRunId(run))
    return None
