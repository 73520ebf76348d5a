"""Leases that are kept alive while their holder lives."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

from millwright.core.errors import MillwrightError
from millwright.core.process import current_owner, is_dead

if TYPE_CHECKING:
    from types import TracebackType

    from millwright.core.clock import Clock
    from millwright.core.ids import Digest
    from millwright.storage.base import LeaseStore

logger = logging.getLogger(__name__)

DEFAULT_TTL = timedelta(seconds=30)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class LeaseKeeper:
    """Takes the leases of one run's steps, and renews them from a thread of its own until the context is left.

    Args:
        store: Where leases are.
        clock: The time.
        run: Tells this run's holder from another's of the same process.
        ttl: How long a lease lasts unless it is renewed; it is renewed three times as often.
    """

    def __init__(self, store: LeaseStore, clock: Clock, run: str, ttl: timedelta = DEFAULT_TTL) -> None:
        self._store = store
        self._clock = clock
        self._ttl = ttl
        self._holder = f"{current_owner()}/{run}"
        self._held: set[str] = set()
        self._taken: dict[str, datetime] = {}
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def acquire(self, key: Digest) -> bool:
        """Take the lease on computing a result; False while another run has it and lives.

        A holder on this machine whose process is gone is not waited for.
        """
        return self.acquire_name(_name(key))

    def acquire_name(self, name: str) -> bool:
        """Take a lease by its name; see `acquire`."""
        if not self._take(name) and not (self._bury(name) and self._take(name)):
            return False
        with self._lock:
            self._held.add(name)
        self._start()
        return True

    def confirm(self, key: Digest) -> None:
        """In a transaction, before a result is recorded: make sure that only one run at a time does.

        A lease that was renewed lately is ours, and giving it back locks its row until the transaction ends; one that
        may have run out is taken anew (or tried to), which locks whoever's row it is.
        """
        name = _name(key)
        if self._clock.now() - self._taken.get(name, _LONG_AGO) > self._ttl / 2:
            self._take(name)

    def release(self, key: Digest) -> None:
        """Give the lease back."""
        self.release_name(_name(key))

    def release_name(self, name: str) -> None:
        """Give a lease back by its name."""
        with self._lock:
            self._held.discard(name)
        self._store.release(name, self._holder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
        for name in list(self._held):
            self._store.release(name, self._holder)

    def _take(self, name: str) -> bool:
        now = self._clock.now()
        if not self._store.acquire(name, self._holder, now=now, until=now + self._ttl):
            return False
        self._taken[name] = now
        return True

    def _bury(self, name: str) -> bool:
        holder = self._store.holder(name, now=self._clock.now())
        if holder is None or not is_dead(holder.rpartition("/")[0]):
            return False
        self._store.release(name, holder)
        return True

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._renew, name="millwright-leases", daemon=True)
            self._thread.start()

    def _renew(self) -> None:
        while not self._stopped.wait(self._ttl.total_seconds() / 3):
            with self._lock:
                held = list(self._held)
            for name in held:
                try:
                    self._take(name)
                    if name not in self._held:  # released between the two lines above
                        self._store.release(name, self._holder)
                except MillwrightError as error:  # the store may be back before the lease ends
                    logger.warning("Cannot renew the lease %s: %s", name, error)


def _name(key: Digest) -> str:
    return f"step:{key}"
