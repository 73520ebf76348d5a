"""Experiments, with what they hold."""

from __future__ import annotations

import msgspec
from litestar import get

from millwright.core.filter import EXPERIMENTS
from millwright.core.ids import ExperimentId
from millwright.core.records.experiment import ExperimentFigures, ExperimentRecord
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
from millwright.server.injection import FromApp


class ExperimentDetail(msgspec.Struct, frozen=True, kw_only=True):
    """An experiment with its figures."""

    experiment: ExperimentRecord
    figures: ExperimentFigures


@get("/experiments", sync_to_thread=True, tags=["tracking"])
def list_experiments(
    services: FromApp,
    filter: Asked = "",  # noqa: A002 - the parameter's name on the wire
    order: Ordered = None,
    view: View = "active",
    limit: Limit = 100,
    page_token: PageToken = None,
) -> Part[ExperimentDetail]:
    """Search experiments by name, times and tags; the newest first where the order leaves a choice."""
    experiments = services.stores.experiments
    query = query_of(EXPERIMENTS, filter, order or (), limit=limit, page_token=page_token)
    page = experiments.search(query, lifecycle=lifecycle_of(view))
    figures = experiments.figures([each.id for each in page.items])
    details = tuple(
        ExperimentDetail(experiment=each, figures=figures.get(each.id, ExperimentFigures())) for each in page.items
    )
    return part(Page(items=details, next_token=page.next_token), limit)


@get("/experiments/{experiment_id:str}", sync_to_thread=True, tags=["tracking"])
def get_experiment(services: FromApp, experiment_id: Name) -> ExperimentDetail:
    """Get an experiment: its tags, how many runs it has, and when the latest started."""
    experiments = services.stores.experiments
    found = experiments.get(ExperimentId(experiment_id))
    figures = experiments.figures([found.id]).get(found.id, ExperimentFigures())
    return ExperimentDetail(experiment=found, figures=figures)
