"""Alerts taken on and closed, and silences, by people and programs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import msgspec
from litestar import Request, delete, get, post
from litestar.params import JSONBody, QueryParameter

from millwright.core.errors import InvalidInputError
from millwright.core.ids import AlertId
from millwright.core.records.monitor import AlertRecord, Severity
from millwright.core.records.notification import SilenceRecord
from millwright.monitoring.alerting import SilenceDraft
from millwright.server.api.listing import Limit, Listing, Name, listing
from millwright.server.injection import FromApp
from millwright.server.principal import principal_of
from millwright.workspace.duration import read_duration

if TYPE_CHECKING:
    from millwright.server.service import Services

MOST_LETTERS = 1000
_HINT = "Such as 30m, 2h or 1d."
_Text: TypeAlias = Annotated[str, msgspec.Meta(max_length=MOST_LETTERS)]
_Every: TypeAlias = Annotated[bool, QueryParameter(description="Those that have ended, too.")]


class Reason(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Why something is done.

    Attributes:
        reason: In a sentence; it stands in the audit log.
    """

    reason: _Text = ""


class NewSilence(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Alerts that nobody is to be told of for a while.

    Attributes:
        reason: Why, for those who wonder.
        lasts: For how long: `30m`, `2h`, `1d`; or `until` says when it ends.
        until: When it ends, with its offset from UTC; or `lasts` says how long it holds.
        endpoint: Alerts of which endpoint, with * and ?; of all when empty.
        monitor: Of which declared monitor, with * and ?; of all when empty.
        kind: Which kind of alerts, such as `drift`; all when empty.
        severity: Up to which severity; all when null.
        ahead: Whether it is for an endpoint or a monitor that is not there yet.
    """

    reason: _Text
    lasts: _Text = ""
    until: datetime | None = None
    endpoint: _Text = ""
    monitor: _Text = ""
    kind: _Text = ""
    severity: Severity | None = None
    ahead: bool = False


@get("/alerts/{alert_id:str}", sync_to_thread=True, tags=["monitoring"])
def get_alert(services: FromApp, alert_id: Name) -> AlertRecord:
    """Get an alert as it stands now."""
    return services.stores.monitors.get_alert(AlertId(alert_id))


@post("/alerts/{alert_id:str}/acknowledge", sync_to_thread=True, tags=["monitoring"], status_code=200)
def acknowledge_alert(
    services: FromApp, request: Request[Any, Any, Any], alert_id: Name, data: JSONBody[Reason | None] = None
) -> AlertRecord:
    """Take an alert on: nobody is reminded of it any more. Needs the role contributor."""
    return services.alerts_as(actor_of(services, request)).acknowledge(AlertId(alert_id), reason=_why(data))


@post("/alerts/{alert_id:str}/resolve", sync_to_thread=True, tags=["monitoring"], status_code=200)
def resolve_alert(
    services: FromApp, request: Request[Any, Any, Any], alert_id: Name, data: JSONBody[Reason | None] = None
) -> AlertRecord:
    """Close an alert; those who were told of it are told so. Needs the role contributor."""
    return services.alerts_as(actor_of(services, request)).resolve(AlertId(alert_id), reason=_why(data))


@get("/silences", sync_to_thread=True, tags=["monitoring"])
def list_silences(services: FromApp, limit: Limit = 100, *, ended: _Every = False) -> Listing[SilenceRecord]:
    """List silences, those that end last first."""
    at = None if ended else services.clock.now()
    return listing(services.stores.notifications.list_silences(lasting_at=at, limit=limit), limit)


@post("/silences", sync_to_thread=True, tags=["monitoring"])
def add_silence(services: FromApp, request: Request[Any, Any, Any], data: JSONBody[NewSilence]) -> SilenceRecord:
    """Tell nobody of some alerts for a while; they are raised and listed all the same. Needs the role contributor."""
    draft = SilenceDraft(
        lasts=_length(data.lasts, data.until, services.clock.now()),
        reason=data.reason,
        endpoint=data.endpoint,
        monitor=data.monitor,
        kind=data.kind,
        severity=data.severity,
        ahead=data.ahead,
    )
    return services.silences_as(actor_of(services, request)).add(draft)


@delete("/silences/{silence_id:str}", sync_to_thread=True, tags=["monitoring"], status_code=200)
def end_silence(services: FromApp, request: Request[Any, Any, Any], silence_id: Name) -> SilenceRecord:
    """End a silence before its time; what is still unresolved is told then. Needs the role contributor."""
    return services.silences_as(actor_of(services, request)).end(silence_id)


def _why(data: Reason | None) -> str:
    return data.reason if data is not None else ""


def actor_of(services: Services, request: Request[Any, Any, Any]) -> str:
    """In whose name a request changes something."""
    principal = principal_of(dict(request.scope))
    return principal.actor if principal is not None else services.actor


def duration_of(text: str) -> timedelta:
    """For how long: `30m`, `2h`, `1d`.

    Raises:
        InvalidInputError: It is none.
    """
    try:
        return read_duration(text)
    except (ValueError, OverflowError) as error:
        said = f"For how long a silence holds: {error}; found '{text[:40]}'."
        raise InvalidInputError(said, hint=_HINT) from None


def _length(lasts: str, until: datetime | None, now: datetime) -> timedelta:
    if bool(lasts) is (until is not None):
        raise InvalidInputError("Expected either 'lasts' or 'until', found both or none.", hint=_HINT)
    if until is None:
        return duration_of(lasts)
    if until.tzinfo is None:
        raise InvalidInputError("Expected 'until' with its offset from UTC.", hint="Such as 2026-12-01T08:00:00Z.")
    return until - now
