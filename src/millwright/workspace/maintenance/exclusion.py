"""One collection, backup or restore of a workspace at a time: a collection must not remove what a backup reads."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from millwright.core.errors import ConflictError
from millwright.core.periodic_thread import PeriodicThread
from millwright.core.process import current_owner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.core.clock import Clock
    from millwright.storage.base import LeaseStore

_NAME = "maintenance"
_LASTS = timedelta(minutes=5)
_RENEWED_EVERY_S = 60.0


@contextmanager
def exclusively(leases: LeaseStore, clock: Clock) -> Iterator[None]:
    """Hold the lease, extending it from a thread, for as long as the context.

    Raises:
        ConflictError: Another process, which still lives, has it.
    """
    owner = current_owner()
    is_ours = leases.holder(_NAME, now=clock.now()) == owner  # another thread of this process
    if is_ours or not leases.take(_NAME, owner, now=clock.now(), until=clock.now() + _LASTS):
        raise ConflictError(
            "A collection or backup of this workspace is under way already.", hint="Wait until it has ended."
        )

    def extend() -> None:
        leases.acquire(_NAME, owner, now=clock.now(), until=clock.now() + _LASTS)

    try:
        with PeriodicThread(
            extend, _RENEWED_EVERY_S, name="maintenance-lease", trouble="The lease of this maintenance is not extended"
        ):
            yield
    finally:
        leases.release(_NAME, owner)
