"""What handlers read from and write to. Free of any web framework."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from millwright.automation.delivery import Deliveries
from millwright.automation.notification import Notifications
from millwright.core.clock import Clock
from millwright.core.records.schedule import LaunchTarget
from millwright.data.features.online.features import OnlineFeatures
from millwright.monitoring.alert import AlertDesk
from millwright.monitoring.alerting import Silences
from millwright.monitoring.monitor import Monitor
from millwright.registry.registry import Registry
from millwright.storage.catalog import Stores
from millwright.workspace.worker.params import ParamsCheck

if TYPE_CHECKING:
    from millwright.workspace.workspace import Workspace


@dataclass(frozen=True, kw_only=True, slots=True)
class Services:
    """What the applications are built from.

    Attributes:
        stores: Every record.
        registry: Knows what a selector means, and changes models in the server's own name.
        monitor: Knows a report's document.
        clock: The time.
        actor: The server's own name in the audit log.
        deliveries: Webhooks, and the worker that serves them.
        notifications: Who is told of alerts, and the worker that does so.
        registry_as: The registry in somebody else's name.
        alerts_as: What acknowledges and resolves alerts, in somebody's name.
        silences_as: What adds and ends silences, in somebody's name.
        online: Features online; opened by the first call.
        check_params: Refuses parameters that a registered pipeline does not take, where its code is at hand.
    """

    stores: Stores
    registry: Registry
    monitor: Monitor
    clock: Clock
    actor: str
    deliveries: Deliveries
    notifications: Notifications
    registry_as: Callable[[str], Registry]
    alerts_as: Callable[[str], AlertDesk]
    silences_as: Callable[[str], Silences]
    online: Callable[[], OnlineFeatures]
    check_params: Callable[[LaunchTarget], None]


def services_of(workspace: Workspace) -> Services:
    """The services of an open workspace."""
    return Services(
        stores=workspace.stores,
        registry=workspace.registry,
        monitor=workspace.monitor,
        clock=workspace.clock,
        actor=workspace.actor,
        deliveries=workspace.deliveries,
        notifications=workspace.notifications,
        registry_as=workspace.registry_as,
        alerts_as=workspace.alerts_as,
        silences_as=workspace.silences_as,
        online=lambda: workspace.online,
        check_params=ParamsCheck(workspace.folder),
    )
