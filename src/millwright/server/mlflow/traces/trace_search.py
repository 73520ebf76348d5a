"""The search of traces: of version 3, and of version 2 as it was before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from millwright.core.errors import InvalidInputError
from millwright.core.filter import TRACES, parse_filter, parse_order
from millwright.core.ids import ExperimentId
from millwright.core.records.search import Query
from millwright.server.mlflow.check import bad_page, check_page
from millwright.server.mlflow.failure import unfit
from millwright.server.mlflow.permission import Access, Resource, ResourceKind, Rule
from millwright.server.mlflow.route import Route
from millwright.server.mlflow.traces.trace import Location
from millwright.server.mlflow.traces.trace_shape import old_trace_info, trace_infos

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.search import Page
    from millwright.core.records.trace import TraceRecord
    from millwright.server.mlflow.call import Call

_MOST = 500


class SearchTraces(Struct):
    """`POST /mlflow/traces/search`."""

    locations: list[Location] | None = None
    filter: str = ""
    max_results: int = 100
    order_by: list[str] = field(default_factory=list)
    page_token: str = ""


class SearchOldTraces(Struct):
    """`GET /mlflow/traces` of version 2."""

    experiment_ids: list[str] | None = None
    filter: str = ""
    max_results: int = 100
    order_by: list[str] = field(default_factory=list)
    page_token: str = ""


def search(call: Call, body: SearchTraces) -> dict[str, Any]:
    """Search traces."""
    page = _page(call, body, _experiments(body))
    answer: dict[str, Any] = {"traces": trace_infos(call.stores, page.items)} if page.items else {}
    return answer | _token(page)


def search_old(call: Call, body: SearchOldTraces) -> dict[str, Any]:
    """Search traces, in the form of version 2."""
    page = _page(call, body, body.experiment_ids or [])
    answer: dict[str, Any] = {"traces": [old_trace_info(each) for each in page.items]} if page.items else {}
    return answer | _token(page)


def _page(call: Call, body: SearchTraces | SearchOldTraces, experiment_ids: Sequence[str]) -> Page[TraceRecord]:
    if body.max_results > _MOST:
        raise unfit("max_results", body.max_results)
    query = Query(
        where=parse_filter(body.filter, TRACES),
        order=tuple(parse_order(text, TRACES) for text in body.order_by),
        limit=check_page(body.max_results),
        after=body.page_token or None,
    )
    try:
        return call.stores.traces.search(query, experiment_ids=[ExperimentId(each) for each in experiment_ids])
    except InvalidInputError as error:
        raise bad_page(error, body.page_token) from error


def _token(page: Page[TraceRecord]) -> dict[str, str]:
    return {"next_page_token": page.next_token} if page.next_token else {}


def _experiments(body: SearchTraces) -> list[str]:
    places = (location.mlflow_experiment for location in body.locations or ())
    return [place.experiment_id for place in places if place is not None]


def _searched(_call: Call, body: SearchTraces | SearchOldTraces) -> Sequence[Resource]:
    ids = _experiments(body) if isinstance(body, SearchTraces) else body.experiment_ids or []
    return tuple(Resource(ResourceKind.EXPERIMENT, each) for each in ids) or (Resource(ResourceKind.VISIBLE),)


_RULE = Rule(Access.READ, _searched)

ROUTES = (
    Route(
        method="POST",
        path="/mlflow/traces/search",
        body=SearchTraces,
        required=("locations",),
        versions=(3,),
        handler=search,
        rule=_RULE,
    ),
    Route(
        method="GET",
        path="/mlflow/traces",
        body=SearchOldTraces,
        required=("experiment_ids",),
        handler=search_old,
        rule=_RULE,
    ),
)
