"""The hot swap: follows the selector and exchanges the model that answers, without a failed or mixed request."""

from __future__ import annotations

import asyncio
import logging
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from millwright.core.errors import MillwrightError

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.records.model import ModelVersionRecord
    from millwright.deployment.realtime.model_slot import ModelSlot
    from millwright.deployment.realtime.served_model import ServedModel

logger = logging.getLogger(__name__)

# A refused version is tried again after this time, since the reason may have been a store that was away.
_RETRY_S = 30.0


class Resolver(Protocol):
    """Finds the version behind a selector: the part of the registry that serving needs."""

    def resolve(self, selector: str) -> ModelVersionRecord:
        """The version that a selector names at present."""
        ...


class SelectorWatcher:
    """Looks where a selector points and swaps the slot's model when that moves.

    A version that fails to load or to answer its example rows never gets into the slot: the one before stays.

    Args:
        slot: Holds the model that answers.
        selector: What to follow.
        resolver: The registry.
        load: Loads, tries and warms up a version.
        changed: Called after each swap and refusal, in the watcher's thread.
        take_over: Lets a loaded version answer in place of the one before; by default it answers everything.
    """

    def __init__(
        self,
        slot: ModelSlot,
        selector: str,
        *,
        resolver: Resolver,
        load: Callable[[ModelVersionRecord], ServedModel],
        changed: Callable[[], None],
        take_over: Callable[[ServedModel], None] | None = None,
    ) -> None:
        self._slot = slot
        self._selector = selector
        self._resolver = resolver
        self._load = load
        self._stats = slot.swaps
        self._changed = changed
        self._take_over = take_over or self._replace
        self._refused_until = 0.0
        self._trouble = ""

    async def run(self, poll_s: float) -> None:
        """Look again and again, until cancelled.

        Args:
            poll_s: Pause between two looks, in seconds.
        """
        while True:
            await asyncio.sleep(poll_s)
            await asyncio.to_thread(self.look)

    def look(self) -> bool:
        """Look once.

        Returns:
            Whether another version has taken over.
        """
        try:
            record = self._resolver.resolve(self._selector)
        except Exception as error:  # noqa: BLE001 - serving goes on with what there is, whatever the registry says
            self._stats.unreachable += 1
            self._tell_once(f"'{self._selector}' cannot be looked up: {error}")
            return False
        if self._trouble:
            logger.info("'%s' can be looked up again", self._selector)
            self._trouble = ""
        if record.id == self._slot.current.record.id:
            self._forget_refusal()
            return False
        if record.ref == self._stats.refused_ref and monotonic() < self._refused_until:
            return False
        return self._swap(record)

    def _swap(self, record: ModelVersionRecord) -> bool:
        before = self._slot.current
        try:
            served = self._load(record)
        except Exception as error:
            # Tracebacks are for bugs; a refused package says all in its message.
            logger.error(  # noqa: TRY400
                "%s is refused, %s goes on: %s", record.ref, before.ref, error, exc_info=not _is_ours(error)
            )
            self._stats.refused += 1
            self._stats.refused_ref = record.ref
            self._stats.refused_reason = str(error)
            self._refused_until = monotonic() + _RETRY_S
            self._changed()
            return False
        self._take_over(served)
        self._stats.swapped += 1
        self._stats.refused_ref = self._stats.refused_reason = ""
        logger.info("%s has taken over from %s", served.ref, before.ref)
        self._changed()
        return True

    def _replace(self, served: ServedModel) -> None:
        before = self._slot.current
        self._slot.replace(served)
        if before.batcher is not None:
            before.batcher.close()

    def _forget_refusal(self) -> None:
        if self._stats.refused_ref:
            self._stats.refused_ref = self._stats.refused_reason = ""
            self._changed()

    def _tell_once(self, trouble: str) -> None:
        if trouble != self._trouble:
            logger.warning("%s", trouble)
            self._trouble = trouble


def _is_ours(error: Exception) -> bool:
    return isinstance(error, MillwrightError)
