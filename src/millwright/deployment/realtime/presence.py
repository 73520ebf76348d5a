"""The endpoint's record: tells others where the server is and which version answers."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from millwright.core.errors import MillwrightError
from millwright.core.process import current_owner
from millwright.core.records.prediction import EndpointRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from millwright.core.clock import Clock
    from millwright.deployment.realtime.model_slot import ModelSlot
    from millwright.storage.base import EndpointStore

logger = logging.getLogger(__name__)


class EndpointPresence:
    """Keeps one endpoint's record true while this process serves it.

    Args:
        store: Where the record is.
        slot: Which model answers.
        clock: Tells the time.
        selector: What the endpoint follows, as `name@alias`.
        settings: What else to record, JSON values.
        owner: Who serves, as `current_owner` tells; this process when empty.
    """

    def __init__(
        self,
        store: EndpointStore,
        slot: ModelSlot,
        *,
        clock: Clock,
        selector: str,
        settings: Mapping[str, Any],
        owner: str = "",
    ) -> None:
        self._store = store
        self._slot = slot
        self._clock = clock
        self._selector = selector
        self._settings = settings
        self._owner = owner or current_owner()
        self._url = ""

    def appear(self, url: str) -> None:
        """The server listens; raises the store's error when the record cannot be written."""
        self._url = url
        self._store.put(self._record())

    def update(self) -> None:
        """Another version answers, or one was refused. A store that is away is told in the log and nothing more."""
        try:
            self._store.put(self._record())
        except MillwrightError as error:
            logger.warning("The record of endpoint '%s' could not be updated: %s", self._slot.endpoint, error)

    def vanish(self) -> None:
        """The server ends; a record that another process has taken over meanwhile is left alone."""
        try:
            record = self._store.find(self._slot.endpoint)
            if record is not None and record.owner == self._owner:
                self._store.put(self._record(running=False))
        except MillwrightError as error:
            logger.warning("The record of endpoint '%s' could not be updated: %s", self._slot.endpoint, error)

    def _record(self, *, running: bool = True) -> EndpointRecord:
        served = self._slot.current
        settings = dict(self._settings)
        if self._slot.swaps.refused_ref:
            settings["refused"] = {"version": self._slot.swaps.refused_ref, "reason": self._slot.swaps.refused_reason}
        return EndpointRecord(
            name=self._slot.endpoint,
            model=served.name,
            selector=self._selector.partition("@")[2],
            updated_at=self._clock.now(),
            url=self._url if running else "",
            serving_version=served.version if running else None,
            owner=self._owner if running else "",
            settings=settings,
        )


def vanish_all(store: EndpointStore, endpoints: Iterable[str], clock: Clock) -> None:
    """The parent of serving processes ends, and all of them have: nobody serves its endpoints any more.

    Args:
        store: Where the records are.
        endpoints: Their names; a record that another server has taken over is left alone.
        clock: Tells the time.
    """
    for endpoint in endpoints:
        try:
            record = store.find(endpoint)
            if record is not None and record.owner == current_owner():
                store.put(replace(record, url="", serving_version=None, owner="", updated_at=clock.now()))
        except MillwrightError as error:
            logger.warning("The record of endpoint '%s' could not be updated: %s", endpoint, error)
