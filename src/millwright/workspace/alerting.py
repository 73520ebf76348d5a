"""Alerts, silences and notifications, as a part of the façade."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.automation.notification import Notifications
    from millwright.core.clock import Clock
    from millwright.core.events import Event, EventBus
    from millwright.monitoring.alert import AlertDesk
    from millwright.monitoring.alerting import Silences
    from millwright.storage.catalog import Stores
    from millwright.workspace.settings import Settings


class _Facade(Protocol):
    folder: Path
    settings: Settings
    clock: Clock
    events: EventBus
    actor: str

    @property
    def stores(self) -> Stores: ...

    @property
    def notifications(self) -> Notifications: ...

    def alerts_as(self, actor: str) -> AlertDesk: ...

    def silences_as(self, actor: str) -> Silences: ...


class Alerting:
    """Something with stores, settings and events, that people take alerts on at."""

    @cached_property
    def alerts(self: _Facade) -> AlertDesk:
        """Acknowledges and resolves alerts, in the name of who opened the workspace."""
        return self.alerts_as(self.actor)

    def alerts_as(self: _Facade, actor: str) -> AlertDesk:
        """The same in somebody's name."""
        from millwright.monitoring.alert import AlertDesk

        return AlertDesk(stores=self.stores, clock=self.clock, events=self.events, actor=actor)

    @cached_property
    def silences(self: _Facade) -> Silences:
        """Adds and ends silences, in the name of who opened the workspace."""
        return self.silences_as(self.actor)

    def silences_as(self: _Facade, actor: str) -> Silences:
        """The same in somebody's name."""
        from millwright.monitoring.alerting import Silences

        declared = {name: monitor.endpoint for name, monitor in self.settings.monitors.items()}
        return Silences(stores=self.stores, clock=self.clock, events=self.events, actor=actor, declared=declared)

    @cached_property
    def notifications(self: _Facade) -> Notifications:
        """Who is told of alerts, and who brings it."""
        from millwright.workspace.notification_wiring import build_notifications

        return build_notifications(
            stores=self.stores, clock=self.clock, events=self.events, settings=self.settings, folder=self.folder
        )

    def keep_news(self: _Facade, event: Event) -> None:
        """Write what an event of an alert makes to be told, in the transaction of its change; for `EventBus.keep`."""
        if event.type.startswith("alert."):
            self.notifications.keep(event)
