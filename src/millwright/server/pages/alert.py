"""One alert, and what can be done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, get, post
from litestar.params import URLEncodedBody  # noqa: TC002 - Litestar reads the annotation
from litestar.response import Redirect, Template

from millwright.core.ids import AlertId
from millwright.core.records.monitor import AlertState
from millwright.server.api.alert import MOST_LETTERS, actor_of
from millwright.server.api.listing import Name
from millwright.server.auth.form import require_own_form
from millwright.server.injection import FromApp
from millwright.server.pages.decision import decision_table
from millwright.server.pages.element import Link, Page, Section
from millwright.server.pages.part import ActionForm, Box
from millwright.server.pages.rendering import show
from millwright.server.pages.silence import may_change, silence_form, silence_table
from millwright.server.pages.wording import route, status, words
from millwright.server.principal import principal_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.core.records.monitor import AlertRecord
    from millwright.server.pages.element import Cell
    from millwright.server.service import Services

_DECISIONS = 200  # that are looked through for those about the alert
_REASON = Box(name="reason", label="Reason", example="what you found, or do", wide=True)


@get("/alerts/{alert_id:str}", sync_to_thread=True, include_in_schema=False)
def show_alert(services: FromApp, request: Request[Any, Any, Any], alert_id: Name) -> Template:
    """Show an alert: what was found, in whose hands it is, what was decided, what can be done."""
    stores = services.stores
    alert = stores.monitors.get_alert(AlertId(alert_id))
    decisions = [each for each in stores.monitors.list_decisions(limit=_DECISIONS) if each.alert_id == alert.id]
    evidence = [(name.replace("_", " ").capitalize(), words(value)) for name, value in alert.evidence.items()]
    sections = [
        Section(title="What was found", text=[alert.message], details=[*_facts(alert), *evidence]),
        *([Section(title="Decisions", tables=[decision_table(decisions)])] if decisions else []),
        *_answers(services, request, alert),
    ]
    return show(
        Page(
            title=f"{alert.kind} {alert.subject}".strip(),
            place="/monitoring",
            badges=[status(alert.severity), status(alert.state)],
            subtitle=f"Alert …{alert.id[-8:]}",
            trail=[Link("Monitoring", "/monitoring"), Link(alert.endpoint, route("endpoints", alert.endpoint))],
            sections=sections,
        )
    )


@post("/alerts/acknowledge", sync_to_thread=True, include_in_schema=False)
def send_acknowledgement(
    services: FromApp, request: Request[Any, Any, Any], data: URLEncodedBody[dict[str, str]]
) -> Redirect:
    """Take an alert on."""
    alert_id, reason = _filled(request, data)
    services.alerts_as(actor_of(services, request)).acknowledge(alert_id, reason=reason)
    return Redirect(route("alerts", alert_id), status_code=303)


@post("/alerts/resolve", sync_to_thread=True, include_in_schema=False)
def send_resolution(
    services: FromApp, request: Request[Any, Any, Any], data: URLEncodedBody[dict[str, str]]
) -> Redirect:
    """Close an alert."""
    alert_id, reason = _filled(request, data)
    services.alerts_as(actor_of(services, request)).resolve(alert_id, reason=reason)
    return Redirect(route("alerts", alert_id), status_code=303)


def _filled(request: Request[Any, Any, Any], data: Mapping[str, str]) -> tuple[AlertId, str]:
    """Which alert, and why; from a form of ours."""
    require_own_form(principal_of(dict(request.scope)), data.get("csrf_token", ""))
    return AlertId(data.get("alert", "")), data.get("reason", "")[:MOST_LETTERS].strip()


def _facts(alert: AlertRecord) -> list[tuple[str, Cell]]:
    report = alert.last_report_id or alert.report_id
    return [
        ("Endpoint", Link(alert.endpoint, route("endpoints", alert.endpoint))),
        ("Declared monitor", alert.monitor or None),
        ("Newest report", Link(f"…{report[-8:]}", route("reports", report)) if report else None),
        ("Raised", alert.created_at),
        ("Last found", alert.last_seen),
        ("Found by checks", alert.count),
        ("Clean checks since", alert.clean_checks),
        ("Acknowledged", alert.acknowledged_at),
        ("By", alert.acknowledged_by or None),
        ("Resolved", alert.resolved_at),
        ("Resolved by", alert.resolved_by or None),
        ("Told on routes", ", ".join(sorted(alert.told)) or None),
    ]


def _answers(services: Services, request: Request[Any, Any, Any], alert: AlertRecord) -> list[Section]:
    """The silences over an alert, and the forms for those who may."""
    now = services.clock.now()
    lasting = services.stores.notifications.list_silences(lasting_at=now)
    over = [each for each in lasting if each.holds_back(alert, now)]
    silenced = [Section(title="Silenced", tables=[silence_table(over)])] if over else []
    if alert.state is AlertState.RESOLVED or not may_change(request):
        return silenced
    named = (("alert", alert.id),)
    closing = ActionForm(action="/alerts/resolve", button="Close it", boxes=[_REASON], hidden=named)
    sections = [
        *silenced,
        Section(title="Close it", text=["Those who were told of it are told so."], parts=[closing]),
        Section(
            title="Silence alerts like it",
            text=["Nobody is told of them for a while. They are raised and listed all the same."],
            parts=[silence_form(endpoint=alert.endpoint, monitor=alert.monitor, kind=alert.kind, alert=alert.id)],
        ),
    ]
    if alert.state is AlertState.OPEN:
        taking = ActionForm(action="/alerts/acknowledge", button="Take it on", boxes=[_REASON], hidden=named)
        text = "Nobody is reminded of it any more, it is not escalated, and no retraining answers it."
        sections.insert(len(silenced), Section(title="Take it on", text=[text], parts=[taking]))
    return sections
