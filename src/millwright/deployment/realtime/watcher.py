"""The hot swap: follows the selector and exchanges the model that answers, without a failed or mixed request."""

from __future__ import annotations

import logging
from time import monotonic, sleep
from typing import TYPE_CHECKING, Protocol

from millwright.core.errors import MillwrightError
from millwright.deployment.realtime.process.agreement import Agreement, Alone, Word
from millwright.deployment.realtime.process.swap_rounds import RETRY_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.records.model import ModelVersionRecord
    from millwright.deployment.realtime.model_slot import ModelSlot
    from millwright.deployment.realtime.served_model import ServedModel

logger = logging.getLogger(__name__)


class Resolver(Protocol):
    """Finds the version behind a selector: the part of the registry that serving needs."""

    def resolve(self, selector: str) -> ModelVersionRecord:
        """The version that a selector names at present."""
        ...


class SelectorWatcher:
    """Looks where a selector points and swaps the slot's model when that moves.

    A version that fails to load or to answer its example rows never gets into the slot: the one before stays. Where
    several processes answer, all load and try it, and they switch at one moment or not at all.

    Args:
        slot: Holds the model that answers.
        selector: What to follow.
        resolver: The registry.
        load: Loads, tries and warms up a version.
        changed: Called after each swap and refusal, in the watcher's thread.
        take_over: Lets a loaded version answer in place of the one before; by default it answers everything.
        agreement: With the other processes that answer; by default there are none.
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
        agreement: Agreement | None = None,
    ) -> None:
        self._slot = slot
        self._selector = selector
        self._resolver = resolver
        self._load = load
        self._stats = slot.swaps
        self._changed = changed
        self._take_over = take_over or self._replace
        self._agreement = agreement or Alone()
        self._refused_until = 0.0
        self._trouble = ""

    def look(self) -> bool:
        """Look once; where others are to switch, too, waits for them.

        Returns:
            Whether another version has taken over.
        """
        called = self._agreement.called()
        if called:
            return self._swap(called)
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
        answer = self._agreement.propose(record.ref)
        if isinstance(answer, Word):
            self._refuse(record.ref, answer.reason)
            return False
        return self._swap(answer, record)

    def _swap(self, ref: str, record: ModelVersionRecord | None = None) -> bool:
        before, served, trouble = self._slot.current, None, ""
        try:
            if record is None or record.ref != ref:  # others have seen another move of the alias
                record = self._resolver.resolve(ref)
            served = self._load(record)
        except Exception as error:
            # Tracebacks are for bugs; a refused package says all in its message.
            logger.error(  # noqa: TRY400
                "%s is refused, %s goes on: %s", ref, before.ref, error, exc_info=not _is_ours(error)
            )
            trouble = str(error) or type(error).__name__
        word = self._agreement.settle(trouble)
        if served is None or not word.is_commit:
            if served is not None:
                logger.warning("%s does not take over, %s goes on: %s", ref, before.ref, word.reason)
                # As another arm it goes on; a shadow does not use its batcher.
                if all(served is not arm.served for arm in self._slot.lineup.arms):
                    _close(served)
            self._refuse(ref, trouble or word.reason)
            return False
        sleep(max(0.0, word.at - monotonic()))
        with self._agreement.hold(word):
            self._take_over(served)
        self._stats.swapped += 1
        self._stats.refused_ref = self._stats.refused_reason = ""
        logger.info("%s has taken over from %s", served.ref, before.ref)
        self._changed()
        return True

    def _refuse(self, ref: str, reason: str) -> None:
        self._stats.refused += 1
        self._stats.refused_ref = ref
        self._stats.refused_reason = reason
        self._refused_until = monotonic() + RETRY_S
        self._changed()

    def _replace(self, served: ServedModel) -> None:
        before = self._slot.current
        self._slot.replace(served)
        _close(before)

    def _forget_refusal(self) -> None:
        if self._stats.refused_ref:
            self._stats.refused_ref = self._stats.refused_reason = ""
            self._changed()

    def _tell_once(self, trouble: str) -> None:
        if trouble != self._trouble:
            logger.warning("%s", trouble)
            self._trouble = trouble


def _close(served: ServedModel) -> None:
    if served.batcher is not None:
        served.batcher.close()


def _is_ours(error: Exception) -> bool:
    return isinstance(error, MillwrightError)
