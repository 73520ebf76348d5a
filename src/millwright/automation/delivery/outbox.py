"""Keeps published events with the changes that they tell of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.automation.delivery.mlflow_event import mlflow_topic

if TYPE_CHECKING:
    from millwright.core.events import Event
    from millwright.storage.base.deliveries import DeliveryStore


class Outbox:
    """Writes events where deliveries and other processes find them.

    Args:
        store: Shares its transactions with the stores that the events tell of.
    """

    def __init__(self, store: DeliveryStore) -> None:
        self._store = store

    def keep(self, event: Event) -> None:
        """Write an event and its deliveries in the open transaction; for `EventBus.keep`."""
        other = mlflow_topic(event.type, event.data)
        self._store.append_event(event, [event.type] if other is None else [event.type, other])
