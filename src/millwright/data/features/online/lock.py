"""One process at a time that brings a view online."""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from millwright.core.errors import ConflictError
from millwright.core.ids import new_id
from millwright.core.process import current_owner, is_dead

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from millwright.core.clock import Clock
    from millwright.storage.base import LeaseStore

# Renewed with every batch. A killed process of this machine is noticed at once, one of another machine after this.
_LEASE_TIME = timedelta(minutes=10)
POLL_S = 0.05


@contextmanager
def view_lock(leases: LeaseStore, place: str, *, clock: Clock, wait_s: float) -> Iterator[Callable[[], None]]:
    """Hold the right to bring a view online for as long as the context lasts.

    Args:
        leases: Where leases are kept.
        place: The view's name in the online store.
        clock: Tells when a lease runs out.
        wait_s: For how long to wait for another process, in seconds.

    Yields:
        What is to be called now and then, so that the lease does not run out.

    Raises:
        ConflictError: Another process was still at it when the wait was over; or, when what is yielded is called, took
            over since.
    """
    name, holder = f"online:{place}", f"{current_owner()}/{new_id()}"

    def renew() -> None:
        if not leases.acquire(name, holder, now=clock.now(), until=clock.now() + _LEASE_TIME):
            raise ConflictError(
                f"Another process began to bring '{place.partition('@')[0]}' online, as this one took longer than "
                f"{_LEASE_TIME} over a batch.",
                hint="Nothing is lost: the other goes on from what is online.",
            )

    deadline = time.monotonic() + wait_s
    while not leases.take(name, holder, now=clock.now(), until=clock.now() + _LEASE_TIME):
        if time.monotonic() >= deadline:
            other = leases.holder(name, now=clock.now())
            raise ConflictError(
                f"'{place.partition('@')[0]}' is being brought online by the process {str(other).partition('/')[0]}.",
                hint="Try again when it is done.",
            )
        time.sleep(POLL_S)
    try:
        yield renew
    finally:
        leases.release(name, holder)


def is_locked(leases: LeaseStore, place: str, *, clock: Clock) -> bool:
    """Whether a process that lives is bringing the view online."""
    holder = leases.holder(f"online:{place}", now=clock.now())
    return holder is not None and not is_dead(holder.partition("/")[0])
