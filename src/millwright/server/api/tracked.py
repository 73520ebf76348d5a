"""Tracked runs, and the files that they and logged models keep here."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get
from litestar.params import QueryParameter

from millwright.core.filter import RUNS
from millwright.core.ids import ExperimentId, RunId
from millwright.core.records.file import FileRecord
from millwright.core.records.run import MetricSummary, RunRecord
from millwright.core.records.run_input import RunLinks
from millwright.core.records.search import Page
from millwright.server.api.listing import (
    Asked,
    Limit,
    Name,
    Ordered,
    PageToken,
    Part,
    View,
    lifecycle_of,
    part,
    query_of,
)
from millwright.server.artifact_folder import run_folder
from millwright.server.injection import FromApp


class TrackedDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A run with what it read and made, and what is known of each metric (NaN and infinities are null)."""

    run: RunRecord
    links: RunLinks
    metrics: list[MetricSummary]


@get("/tracked", sync_to_thread=True, tags=["tracking"])
def search_tracked(
    services: FromApp,
    experiment: Annotated[
        list[str] | None, QueryParameter(description="Ids of experiments; all that are in use when absent.")
    ] = None,
    filter: Asked = "",  # noqa: A002 - the parameter's name on the wire
    order: Ordered = None,
    view: View = "active",
    limit: Limit = 100,
    page_token: PageToken = None,
) -> Part[RunRecord]:
    """Search tracked runs; the latest first where the order leaves a choice. NaN and infinities are null."""
    stores = services.stores
    query = query_of(RUNS, filter, order or (), limit=limit, page_token=page_token)
    known = [each.id for each in stores.experiments.list()] if experiment is None else map(ExperimentId, experiment)
    page = stores.runs.search(query, experiment_ids=list(known), lifecycle=lifecycle_of(view))
    return part(page, limit)


@get("/tracked/{run_id:str}", sync_to_thread=True, tags=["tracking"])
def get_tracked(services: FromApp, run_id: Name) -> TrackedDetail:
    """Get a tracked run: parameters, tags, metrics with last, lowest and highest value, inputs and outputs."""
    stores = services.stores
    run = stores.runs.get_run(RunId(run_id))
    return TrackedDetail(
        run=run, links=stores.runs.list_links([run.id])[run.id], metrics=stores.metrics.summaries(run.id)
    )


@get("/tracked/{run_id:str}/artifacts", sync_to_thread=True, tags=["tracking"])
def list_tracked_artifacts(
    services: FromApp,
    run_id: Name,
    path: Annotated[str, QueryParameter(description="A folder below the run's artifacts; their top when empty.")] = "",
    limit: Limit = 1000,
    page_token: PageToken = None,
) -> Part[FileRecord]:
    """List a folder of a run's artifacts, by name, with sizes and digests; paths begin at the run's."""
    folder = run_folder(services.stores, services.stores.runs.get_run(RunId(run_id)))
    found = folder.children(path, limit=limit + 1, after=page_token or "")
    token = found[limit - 1].name if len(found) > limit else None
    return part(Page(items=tuple(found[:limit]), next_token=token), limit)
