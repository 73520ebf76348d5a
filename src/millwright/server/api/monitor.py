"""Endpoints, and what monitoring found and decided about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import msgspec
from litestar import get
from litestar.params import QueryParameter

from millwright.core.errors import NotFoundError, closest
from millwright.core.ids import ReportId
from millwright.core.records.monitor import AlertRecord, DecisionRecord, MonitorReportRecord
from millwright.core.records.prediction import EndpointRecord
from millwright.monitoring.alerting import require_endpoint
from millwright.server.api.listing import Filter, Limit, Listing, Name, listing
from millwright.server.injection import FromApp

if TYPE_CHECKING:
    from millwright.server.service import Services

OfMonitor: TypeAlias = Annotated[
    str | None,
    QueryParameter(description="Only those of this declared monitor; of checks by hand when empty; all when absent."),
]
OpenOnly: TypeAlias = Annotated[bool, QueryParameter(description="Only those that nobody has taken on.")]


class ReportDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A report with its full document; None when it has none."""

    report: MonitorReportRecord
    document: dict[str, Any] | None


@get("/endpoints", sync_to_thread=True, tags=["monitoring"])
def list_endpoints(services: FromApp, limit: Limit = 100) -> Listing[EndpointRecord]:
    """List endpoints, by name."""
    return listing(services.stores.endpoints.list(), limit)


@get("/endpoints/{name:str}", sync_to_thread=True, tags=["monitoring"])
def get_endpoint(services: FromApp, name: Name) -> EndpointRecord:
    """Get an endpoint: which model it follows, and what answers there."""
    return find_endpoint(services, name)


@get("/reports", sync_to_thread=True, tags=["monitoring"])
def list_reports(
    services: FromApp, limit: Limit = 100, endpoint: Filter = None, monitor: OfMonitor = None
) -> Listing[MonitorReportRecord]:
    """List monitoring reports, newest first; an endpoint that there is not, and never was, is an error (404)."""
    if endpoint:
        require_endpoint(services.stores, endpoint)
    return listing(services.stores.monitors.list_reports(endpoint, monitor=monitor, limit=limit), limit)


@get("/reports/{report_id:str}", sync_to_thread=True, tags=["monitoring"])
def get_report(services: FromApp, report_id: Name) -> ReportDetail:
    """Get a monitoring report with its full document."""
    record = services.stores.monitors.get_report(ReportId(report_id))
    document = services.monitor.read_document(record) if record.document is not None else None
    return ReportDetail(report=record, document=document)


@get("/alerts", sync_to_thread=True, tags=["monitoring"])
def list_alerts(
    services: FromApp,
    limit: Limit = 100,
    endpoint: Filter = None,
    monitor: OfMonitor = None,
    *,
    open_only: OpenOnly = False,
) -> Listing[AlertRecord]:
    """List alerts, newest first; an endpoint that there is not, and never was, is an error (404)."""
    if endpoint:
        require_endpoint(services.stores, endpoint)
    monitors = services.stores.monitors
    return listing(monitors.list_alerts(endpoint, monitor=monitor, open_only=open_only, limit=limit), limit)


@get("/decisions", sync_to_thread=True, tags=["monitoring"])
def list_decisions(services: FromApp, limit: Limit = 100) -> Listing[DecisionRecord]:
    """List decisions, newest first: what was decided after a trigger, and why."""
    return listing(services.stores.monitors.list_decisions(limit=limit), limit)


def find_endpoint(services: Services, name: str) -> EndpointRecord:
    """An endpoint.

    Raises:
        NotFoundError: There is none of that name; names the closest.
    """
    found = services.stores.endpoints.find(name)
    if found is None:
        known = [record.name for record in services.stores.endpoints.list()]
        raise NotFoundError(f"There is no endpoint '{name}'.", hint=closest(name, known))
    return found
