"""What is to be told about an alert now; decides, and writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from millwright.core.records.monitor import AlertState, Told
from millwright.core.records.notification import News

if TYPE_CHECKING:
    from datetime import datetime

    from millwright.automation.notification.route import Route
    from millwright.core.records.monitor import AlertRecord

_AT_ONCE = timedelta(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Telling:
    """One thing to be told on one route.

    Attributes:
        name: Of the route, or of the escalation.
        wait: How long others may join it.
        interval: Shortest time since the notification before it.
    """

    name: str
    channels: tuple[str, ...]
    news: News
    wait: timedelta
    interval: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What is to be told about one alert.

    Attributes:
        told: As it is to be written into the alert then.
    """

    tellings: tuple[Telling, ...]
    told: Mapping[str, Told]


def plan_news(alert: AlertRecord, routes: Sequence[Route], *, silenced: bool, now: datetime) -> Plan:
    """What is to be told about an alert as it stands, given whom it was told to already.

    Asked again after it was told, nothing is left: whoever asks, after whichever crash, tells what nobody has told.

    Args:
        alert: As it stands.
        routes: All of them.
        silenced: Whether nobody wants to hear of it now. Its end is told all the same to those who know of it.
        now: The time.
    """
    if alert.state is AlertState.RESOLVED:
        ends = [telling for name in alert.told for telling in _end(name, routes)]
        return Plan(tellings=tuple(ends), told={})
    if silenced:
        return Plan(tellings=(), told=alert.told)
    tellings: list[Telling] = []
    told = dict(alert.told)
    for route in routes:
        if not route.fits(alert):
            continue
        for telling in (_first_news(alert, route, now), *_escalations(alert, route, now)):
            if telling is not None:
                tellings.append(telling)
                told[telling.name] = Told(at=now, severity=alert.severity)
    return Plan(tellings=tuple(tellings), told=told)


def _first_news(alert: AlertRecord, route: Route, now: datetime) -> Telling | None:
    news = _news(alert, route, route.name, now)
    if news is None and route.name not in alert.told and alert.state is AlertState.OPEN:
        news = News.RAISED
    if news is None:
        return None
    wait = _AT_ONCE if news is News.REMINDER else route.group_wait
    return Telling(name=route.name, channels=route.channels, news=news, wait=wait, interval=route.group_interval)


def _escalations(alert: AlertRecord, route: Route, now: datetime) -> list[Telling]:
    tellings = []
    for step, channel in enumerate(route.escalate_to, start=1):
        name = route.escalated_name(channel)
        news = _news(alert, route, name, now)
        is_due = alert.state is AlertState.OPEN and now - alert.created_at >= step * route.escalate_after
        if name not in alert.told and is_due:
            news = News.ESCALATED
        if news is not None:
            tellings.append(
                Telling(name=name, channels=(channel,), news=news, wait=_AT_ONCE, interval=route.group_interval)
            )
    return tellings


def _news(alert: AlertRecord, route: Route, name: str, now: datetime) -> News | None:
    """What those are to be told who know of the alert already."""
    told = alert.told.get(name)
    if told is None:
        return None
    if alert.severity.rank > told.severity.rank:
        return News.WORSENED
    waits = alert.state is AlertState.OPEN and route.repeat > _AT_ONCE
    return News.REMINDER if waits and now - told.at >= route.repeat else None


def _end(name: str, routes: Sequence[Route]) -> list[Telling]:
    """The end of an alert, for those of a name; the others of a route that is gone cannot be told."""
    return [
        Telling(name=name, channels=channels, news=News.RESOLVED, wait=route.group_wait, interval=route.group_interval)
        for route in routes
        if (channels := route.channels_of(name))
    ]
