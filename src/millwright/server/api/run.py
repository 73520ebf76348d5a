"""Pipeline runs, their steps, and the trials behind them."""

from __future__ import annotations

import msgspec
from litestar import get

from millwright.core.ids import PipelineRunId
from millwright.core.records.pipeline import PipelineRunRecord, StepRunRecord
from millwright.core.records.run import RunRecord
from millwright.server.api.listing import Filter, Limit, Listing, Name, listing
from millwright.server.injection import FromApp
from millwright.steps.training_run import training_run


class RunDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A pipeline run with its steps, in the order they started."""

    run: PipelineRunRecord
    steps: list[StepRunRecord]


@get("/runs", sync_to_thread=True, tags=["runs"])
def list_runs(services: FromApp, limit: Limit = 100, pipeline: Filter = None) -> Listing[PipelineRunRecord]:
    """List pipeline runs, newest first."""
    return listing(services.stores.pipelines.list_pipeline_runs(pipeline=pipeline, limit=limit), limit)


@get("/runs/{run_id:str}", sync_to_thread=True, tags=["runs"])
def get_run(services: FromApp, run_id: Name) -> RunDetail:
    """Get a pipeline run with its steps; six or more digits of the id's beginning or end will do."""
    record = services.stores.pipelines.get_pipeline_run(PipelineRunId(run_id))
    return RunDetail(run=record, steps=services.stores.pipelines.list_step_runs(record.id))


@get("/runs/{run_id:str}/trials", sync_to_thread=True, tags=["runs"])
def list_trials(services: FromApp, run_id: Name, limit: Limit = 100) -> Listing[RunRecord]:
    """List the tracked trials behind a pipeline run, newest first; none when it trained nothing."""
    record = services.stores.pipelines.get_pipeline_run(PipelineRunId(run_id))
    steps = services.stores.pipelines.list_step_runs(record.id)
    parent = training_run(services.stores.pipelines, steps, record.tracking_run_id)
    return listing(services.stores.runs.list_runs(parent_id=parent, limit=limit) if parent else [], limit)
