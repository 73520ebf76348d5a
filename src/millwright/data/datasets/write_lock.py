"""One writer per dataset at a time, across processes and machines."""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from millwright.core.errors import ConflictError
from millwright.core.ids import new_id
from millwright.core.process import current_owner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.core.clock import Clock
    from millwright.storage.base import LeaseStore

# Longer than a write takes. A killed writer of this machine is noticed at once, one of another machine after this.
LEASE_TIME = timedelta(minutes=15)
_POLL_S = 0.05


@contextmanager
def write_lock(leases: LeaseStore, dataset: str, *, clock: Clock, wait_s: float) -> Iterator[None]:
    """Hold the right to write a dataset for as long as the context lasts.

    Should the lease run out meanwhile, nothing is lost: of two commits to the same rows, Delta refuses the later.

    Args:
        leases: Where leases are kept.
        dataset: The dataset's name.
        clock: Tells when a lease runs out.
        wait_s: For how long to wait for another writer, in seconds.

    Raises:
        ConflictError: Another process was still writing when the wait was over.
    """
    name, holder = f"dataset:{dataset}", f"{current_owner()}/{new_id()}"
    deadline = time.monotonic() + wait_s
    while not leases.take(name, holder, now=clock.now(), until=clock.now() + LEASE_TIME):
        if time.monotonic() >= deadline:
            other = leases.holder(name, now=clock.now())
            writer = "another process" if other is None else f"the process {other.partition('/')[0]}"
            raise ConflictError(
                f"The dataset '{dataset}' is still being written by {writer} after {wait_s:g} s.",
                hint="Try again when it is done.",
            )
        time.sleep(_POLL_S)
    try:
        yield
    finally:
        leases.release(name, holder)
