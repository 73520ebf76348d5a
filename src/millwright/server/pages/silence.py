"""Silences: alerts that nobody is told of for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, get, post
from litestar.params import URLEncodedBody  # noqa: TC002 - Litestar reads the annotation
from litestar.response import Redirect, Template

from millwright.core.errors import InvalidInputError
from millwright.core.records.account import DEFAULT_PROJECT, Role
from millwright.core.records.monitor import Severity
from millwright.monitoring.alerting import SilenceDraft
from millwright.monitoring.finding import AlertKind
from millwright.server.api.alert import MOST_LETTERS, actor_of, duration_of
from millwright.server.auth.form import require_own_form
from millwright.server.injection import FromApp
from millwright.server.pages.element import Link, Page, Section, Table
from millwright.server.pages.part import ActionForm, Box, Choice, Menu
from millwright.server.pages.rendering import show
from millwright.server.pages.wording import route, short_id, status
from millwright.server.principal import principal_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.core.records.notification import SilenceRecord
    from millwright.server.pages.element import Cell

_SHOWN = 200
PLACE = "/silences"
_AHEAD = "yes"
_TO_COME = (Choice(value="", label="refuse it"), Choice(value=_AHEAD, label="silence it ahead"))


@get("/silences", sync_to_thread=True, include_in_schema=False)
def show_silences(services: FromApp, request: Request[Any, Any, Any]) -> Template:
    """Show silences, those that hold first, with what adds and ends them."""
    now = services.clock.now()
    known = services.stores.notifications.list_silences(limit=_SHOWN)
    lasting = [each for each in known if each.starts_at <= now < each.ends_at]
    ended = [each for each in known if each.ends_at <= now]
    may = may_change(request)
    ends = [
        ActionForm(action="/silences/end", button=f"End …{each.id[-8:]}", hidden=[("silence", each.id)])
        for each in lasting
    ]
    sections = [
        Section(
            title="Holding",
            text=["Nobody is told of these alerts. They are raised and listed all the same."],
            tables=[silence_table(lasting)],
            parts=ends if may else [],
        ),
        *([Section(title="Add one", parts=[silence_form()])] if may else []),
        *([Section(title="Ended", tables=[silence_table(ended)])] if ended else []),
    ]
    trail = [Link("Monitoring", "/monitoring")]
    return show(Page(title="Silences", place="/monitoring", trail=trail, sections=sections))


@post("/silences/add", sync_to_thread=True, include_in_schema=False)
def send_silence(services: FromApp, request: Request[Any, Any, Any], data: URLEncodedBody[dict[str, str]]) -> Redirect:
    """Add a silence."""
    given = _filled(request, data)
    draft = SilenceDraft(
        lasts=duration_of(given.get("lasts", "")),
        reason=given.get("reason", ""),
        endpoint=given.get("endpoint", ""),
        monitor=given.get("monitor", ""),
        kind=given.get("kind", ""),
        severity=_severity(given.get("severity", "")),
        ahead=given.get("ahead") == _AHEAD,
    )
    services.silences_as(actor_of(services, request)).add(draft)
    alert = given.get("alert")
    return Redirect(route("alerts", alert) if alert else PLACE, status_code=303)


@post("/silences/end", sync_to_thread=True, include_in_schema=False)
def send_end_of_silence(
    services: FromApp, request: Request[Any, Any, Any], data: URLEncodedBody[dict[str, str]]
) -> Redirect:
    """End a silence before its time."""
    given = _filled(request, data)
    services.silences_as(actor_of(services, request)).end(given.get("silence", ""))
    return Redirect(PLACE, status_code=303)


def may_change(request: Request[Any, Any, Any]) -> bool:
    """Whether the caller may take alerts on and silence them; the guard asks the same of what they send."""
    principal = principal_of(dict(request.scope))
    return principal is not None and principal.may(Role.CONTRIBUTOR, DEFAULT_PROJECT)


def silence_form(*, endpoint: str = "", monitor: str = "", kind: str = "", alert: str = "") -> ActionForm:
    """What adds a silence.

    Args:
        endpoint: What stands in its field at first.
        monitor: Likewise.
        kind: What is chosen at first; all kinds when empty.
        alert: The id of the alert whose page is shown afterwards; the list of silences when empty.
    """
    kinds = [Choice(value=each.value, label=each.value, chosen=each.value == kind) for each in AlertKind]
    severities = [Choice(value=each.value, label=f"up to {each.value}") for each in Severity]
    return ActionForm(
        action="/silences/add",
        button="Silence",
        boxes=[
            Box(name="lasts", label="For how long", value="2h", example="30m, 2h, 1d", required=True),
            Box(name="endpoint", label="Endpoint", value=endpoint, example="all, or a name with * and ?"),
            Box(name="monitor", label="Monitor", value=monitor, example="all, or a name with * and ?"),
            Box(name="reason", label="Reason", example="others will ask why", wide=True, required=True),
        ],
        menus=[
            Menu(name="kind", label="Kind", choices=[Choice(value="", label="all"), *kinds]),
            Menu(name="severity", label="Severity", choices=[Choice(value="", label="all"), *severities]),
            Menu(name="ahead", label="If there is none of that name", choices=_TO_COME),
        ],
        hidden=[("alert", alert)] if alert else [],
    )


def silence_table(silences: Sequence[SilenceRecord]) -> Table:
    """Silences in a table, with who ended them when somebody ended one."""
    was_ended = any(each.ended_by for each in silences)
    rows: list[list[Cell]] = [
        [
            short_id(each.id),
            each.endpoint or "all",
            each.monitor or "all",
            each.kind or "all",
            status(f"up to {each.severity}") if each.severity else "all",
            each.starts_at,
            each.ends_at,
            each.created_by,
            each.reason,
            *([each.ended_by or None] if was_ended else []),
        ]
        for each in silences
    ]
    headers = ["Silence", "Endpoint", "Monitor", "Kind", "Severity", "From", "Until", "By", "Reason"]
    headers += ["Ended by"] if was_ended else []
    return Table(headers=headers, rows=rows, empty="Nothing is silenced.")


def _filled(request: Request[Any, Any, Any], data: Mapping[str, str]) -> dict[str, str]:
    """What was typed into a form of ours."""
    require_own_form(principal_of(dict(request.scope)), data.get("csrf_token", ""))
    return {name: value[:MOST_LETTERS].strip() for name, value in data.items()}


def _severity(text: str) -> Severity | None:
    try:
        return Severity(text) if text else None
    except ValueError:
        known = ", ".join(Severity)
        raise InvalidInputError(f"There is no severity '{text[:40]}'.", hint=f"Known: {known}.") from None
