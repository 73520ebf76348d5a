"""Notifications of alerts, as the project's settings want them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from millwright.automation.delivery.options import DeliveryOptions
from millwright.automation.notification import Channel, NotificationOptions, Notifications, Route
from millwright.core.errors import ConfigurationError, closest
from millwright.core.records.monitor import Severity
from millwright.monitoring.alerting import AlertRules
from millwright.monitoring.finding import AlertKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from millwright.core.clock import Clock
    from millwright.core.events import EventBus
    from millwright.storage.catalog import Stores
    from millwright.workspace.alert_settings import AlertSettings, RouteSettings
    from millwright.workspace.settings import Settings


def build_notifications(
    *, stores: Stores, clock: Clock, events: EventBus, settings: Settings, folder: Path
) -> Notifications:
    """Channels and routes of a project.

    Raises:
        ConfigurationError: A route names a channel or a kind of alert that there is not.
    """
    channels = {
        name: Channel(name=name, kind=channel.kind, url=channel.url, secret=channel.secret)
        for name, channel in settings.channels.items()
    }

    def secret_of(name: str) -> str:
        # Opened when one is needed, and each time: a secret that was replaced is taken anew.
        from millwright.workspace.step_service import open_secrets

        return open_secrets(settings, folder).get(name)

    return Notifications(
        stores=stores,
        clock=clock,
        events=events,
        channels=channels,
        routes=alert_routes(settings),
        options=NotificationOptions(delivery=_delivery(settings.alerts), base_url=settings.server.public_url),
        secret_of=secret_of,
    )


def alert_routes(settings: Settings) -> list[Route]:
    """The routes of a project file.

    Those without a name are named by their numbers; each declared monitor with channels has one, `monitor:NAME`.

    Raises:
        ConfigurationError: One names a kind of alert that there is not.
    """
    declared = [
        Route(name=f"monitor:{name}", endpoint=monitor.endpoint, channels=monitor.channels, monitor=name)
        for name, monitor in settings.monitors.items()
        if monitor.enabled and monitor.channels
    ]
    return [*(_route(section, number) for number, section in enumerate(settings.routes, start=1)), *declared]


def alert_rules(section: AlertSettings) -> AlertRules:
    """When alerts are raised and end."""
    return AlertRules(
        raise_after=section.raise_after, resolve_after=section.resolve_after, resolve_limit=section.resolve_limit
    )


def _route(section: RouteSettings, number: int) -> Route:
    name = section.name or str(number)
    _check_kinds(section.kinds, name)
    return Route(
        name=name,
        channels=section.channels,
        endpoint=section.endpoint,
        kinds=frozenset(section.kinds),
        severity=Severity(section.severity),
        group_wait=timedelta(seconds=section.group_wait_seconds),
        group_interval=timedelta(seconds=section.group_interval_seconds),
        repeat=timedelta(minutes=section.repeat_minutes),
        escalate_to=section.escalate_to,
        escalate_after=timedelta(minutes=section.escalate_after_minutes),
    )


def _check_kinds(kinds: Sequence[str], route: str) -> None:
    known = [kind.value for kind in AlertKind]
    for kind in kinds:
        if kind not in known:
            hint = closest(kind, known) or f"Known: {', '.join(known)}."
            raise ConfigurationError(f"Route '{route}': there is no kind of alert '{kind}'.", hint=hint)


def _delivery(section: AlertSettings) -> DeliveryOptions:
    return DeliveryOptions(
        allow_private=True,
        timeout_s=section.timeout_seconds,
        max_attempts=section.max_attempts,
        backoff_s=section.backoff_seconds,
    )
