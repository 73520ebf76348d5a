"""Endpoints, and the reports about them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from litestar import get
from litestar.response import Template

from millwright.evaluation.wording import title
from millwright.server.api.listing import Name
from millwright.server.api.monitor import find_endpoint
from millwright.server.injection import FromApp
from millwright.server.pages.decision import alert_table
from millwright.server.pages.element import Badge, Code, Link, Page, Section, Table, Tone
from millwright.server.pages.rendering import show
from millwright.server.pages.rollout import rollout_table
from millwright.server.pages.silence import PLACE, silence_table
from millwright.server.pages.wording import route, version_link, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.monitor import MonitorReportRecord
    from millwright.core.records.prediction import EndpointRecord
    from millwright.server.pages.element import Cell
    from millwright.storage.catalog import Stores

_SHOWN = 100
_EXAMPLES = 8
_SILENCES = Link("add or end one", PLACE)


@get("/monitoring", sync_to_thread=True, include_in_schema=False)
def show_monitoring(services: FromApp) -> Template:
    """Show endpoints, open alerts and the newest reports."""
    stores = services.stores
    alerts = stores.monitors.list_alerts(open_only=True, limit=_SHOWN)
    silences = stores.notifications.list_silences(lasting_at=services.clock.now(), limit=_SHOWN)
    sections = [
        Section(title="Endpoints", tables=[endpoint_table(stores)]),
        Section(title="Open alerts", tables=[alert_table(alerts)]),
        Section(title="Silences", tables=[silence_table(silences)], details=[("All of them", _SILENCES)]),
        Section(title="Reports", tables=[report_table(stores.monitors.list_reports(limit=_SHOWN))]),
    ]
    return show(Page(title="Monitoring", place="/monitoring", sections=sections))


@get("/endpoints/{name:str}", sync_to_thread=True, include_in_schema=False)
def show_endpoint(services: FromApp, name: Name) -> Template:
    """Show an endpoint: what it follows, what answers, reports, alerts, some predictions."""
    stores = services.stores
    endpoint = find_endpoint(services, name)
    reports = stores.monitors.list_reports(name, limit=_SHOWN)
    sections = [
        Section(title="Serving", details=_serving(endpoint)),
        Section(title="Rollouts", tables=[rollout_table(stores.rollouts.list_rollouts(endpoint=name, limit=_SHOWN))]),
        Section(title="Reports", tables=[report_table(reports)]),
        Section(title="Alerts", tables=[alert_table(stores.monitors.list_alerts(name, limit=_SHOWN))]),
        Section(title="Some predictions", tables=[_predictions(stores, name, reports)]),
    ]
    return show(
        Page(
            title=name,
            place="/monitoring",
            badges=[_state(endpoint)],
            subtitle="Endpoint",
            trail=[Link("Monitoring", "/monitoring")],
            sections=sections,
        )
    )


def endpoint_table(stores: Stores) -> Table:
    """All endpoints in a table."""
    rows: list[list[Cell]] = []
    for endpoint in stores.endpoints.list():
        reports = stores.monitors.list_reports(endpoint.name, limit=1)
        rows.append(
            [
                Link(endpoint.name, route("endpoints", endpoint.name)),
                _state(endpoint),
                f"{endpoint.model}@{endpoint.selector}",
                version_link(f"{endpoint.model}@{endpoint.serving_version}") if endpoint.serving_version else None,
                _report_link(reports[0]) if reports else None,
                _drifted(reports[0]) if reports else None,
            ]
        )
    headers = ["Endpoint", "State", "Follows", "Answers", "Last report", "Drift"]
    return Table(headers=headers, rows=rows, empty="No endpoint was served yet.")


def report_table(reports: Sequence[MonitorReportRecord]) -> Table:
    """Reports in a table."""
    rows: list[list[Cell]] = [
        [
            _report_link(report),
            Link(report.endpoint, route("endpoints", report.endpoint)),
            report.monitor or None,
            version_link(f"{report.model}@{report.version}"),
            report.rows,
            report.labelled_rows,
            _drifted(report),
            performance(report),
        ]
        for report in reports
    ]
    headers = ["Checked", "Endpoint", "Monitor", "Model", "Predictions", "With labels", "Drift", "Performance"]
    return Table(headers=headers, rows=rows, empty="Nothing was checked yet.")


def performance(report: MonitorReportRecord) -> str | None:
    """The first metric on labelled rows, beside what it was at evaluation; None without labels."""
    name = next((name for name in ("roc_auc", "rmse", *report.performance) if name in report.performance), None)
    if name is None:
        return None
    before = report.reference_performance.get(name)
    was = f", was {words(before)}" if before is not None else ""
    return f"{title(name)} {words(report.performance[name])}{was}"


def _report_link(report: MonitorReportRecord) -> Link:
    return Link(f"{report.created_at:%Y-%m-%d %H:%M:%S}", route("reports", report.id))


def _drifted(report: MonitorReportRecord) -> Badge:
    drifted = sum(record.drifted for record in report.drift)
    text = f"{drifted} of {len(report.drift)} columns" if report.drift else "not checked"
    return Badge(text, Tone.WARN if drifted else Tone.GOOD if report.drift else Tone.NEUTRAL)


def _state(endpoint: EndpointRecord) -> Badge:
    answering = endpoint.serving_version is not None
    return Badge("answering", Tone.GOOD) if answering else Badge("not running")


def _serving(endpoint: EndpointRecord) -> list[tuple[str, Cell]]:
    answers = version_link(f"{endpoint.model}@{endpoint.serving_version}") if endpoint.serving_version else None
    return [
        ("Model", Link(endpoint.model, route("models", endpoint.model))),
        ("Follows", endpoint.selector),
        ("Answers at present", answers),
        ("Address", Code(endpoint.url) if endpoint.url else None),
        ("Last change", endpoint.updated_at),
        *((name.replace("_", " ").capitalize(), words(value)) for name, value in endpoint.settings.items()),
    ]


def _predictions(stores: Stores, name: str, reports: Sequence[MonitorReportRecord]) -> Table:
    """A few predictions of the newest window that was checked: examples to ask about, not a list."""
    start = reports[0].window_start if reports else None
    rows: list[list[Cell]] = [
        [
            Link(f"…{record.id[-8:]}", route("predictions", record.id)),
            record.at,
            version_link(f"{record.model}@{record.version}"),
            words(record.outputs),
            record.key,
        ]
        for record in islice(stores.predictions.iter(name, start=start), _EXAMPLES)
    ]
    headers = ["Prediction", "At", "Model", "Answer", "Caller's key"]
    return Table(headers=headers, rows=rows, empty="It has not predicted anything yet.")
