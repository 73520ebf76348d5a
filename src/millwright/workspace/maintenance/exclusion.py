"""One collection, backup or restore of a workspace at a time: a collection must not remove what a backup reads."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from millwright.core.errors import ConflictError
from millwright.core.process import current_owner, is_dead

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
    held_by = leases.holder(_NAME, now=clock.now())
    if held_by is not None and held_by != owner and is_dead(held_by):
        leases.release(_NAME, held_by)
    if held_by == owner or not leases.acquire(_NAME, owner, now=clock.now(), until=clock.now() + _LASTS):
        raise ConflictError(
            "A collection or backup of this workspace is under way already.", hint="Wait until it has ended."
        )
    done = threading.Event()

    def extend() -> None:
        while not done.wait(_RENEWED_EVERY_S):
            leases.acquire(_NAME, owner, now=clock.now(), until=clock.now() + _LASTS)

    thread = threading.Thread(target=extend, name="maintenance-lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        leases.release(_NAME, owner)
