"""Leases that are kept alive while their holder lives."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

from millwright.core.periodic_thread import PeriodicThread
from millwright.core.process import current_owner

if TYPE_CHECKING:
    from collections.abc import Collection
    from types import TracebackType

    from millwright.core.clock import Clock
    from millwright.core.ids import Digest
    from millwright.storage.base import LeaseStore

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
        self._renewal = PeriodicThread(
            self._renew, ttl.total_seconds() / 3, name="millwright-leases", trouble="Cannot renew the leases of steps"
        )

    def acquire(self, key: Digest) -> bool:
        """Take the lease on computing a result; False while another run has it and lives.

        A holder on this machine whose process is gone is not waited for.
        """
        return self.acquire_name(_name(key))

    def acquire_name(self, name: str) -> bool:
        """Take a lease by its name; see `acquire`."""
        if not self._take(name):
            return False
        with self._lock:
            self._held.add(name)
        self._renewal.start()
        return True

    def acquire_many(self, keys: Collection[Digest]) -> set[Digest]:
        """Take the leases on computing several results, as far as no run that lives has them.

        Returns:
            Those that are ours now.
        """
        names = {_name(key): key for key in keys}
        now = self._clock.now()
        ours = self._store.acquire_many(names, self._holder, now=now, until=now + self._ttl)
        for name in sorted(names.keys() - ours):
            if not self._take(name):
                break  # its holder lives, and is likely to have the others
            ours.add(name)
        self._taken.update(dict.fromkeys(ours, now))
        with self._lock:
            self._held |= ours
        if ours:
            self._renewal.start()
        return {names[name] for name in ours}

    def confirm(self, key: Digest) -> None:
        """In a transaction, before a result is recorded: make sure that only one run at a time does.

        A lease that was renewed lately is ours, and giving it back locks its row until the transaction ends; one that
        may have run out is taken anew (or tried to), which locks whoever's row it is.
        """
        if not self.has_surely(key):
            self._take(_name(key))

    def has_surely(self, key: Digest) -> bool:
        """Whether a lease has been ours ever since it was taken: it was taken or renewed lately."""
        return self._clock.now() - self._taken.get(_name(key), _LONG_AGO) <= self._ttl / 2

    def release(self, key: Digest) -> None:
        """Give the lease back."""
        self.release_name(_name(key))

    def release_name(self, name: str) -> None:
        """Give a lease back by its name."""
        with self._lock:
            self._held.discard(name)
        self._store.release(name, self._holder)

    def release_many(self, keys: Collection[Digest]) -> None:
        """Give back those of several leases that are held."""
        with self._lock:
            names = {_name(key) for key in keys} & self._held
            self._held -= names
        self._store.release_many(names, self._holder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._renewal.stop()
        self._store.release_many(self._held, self._holder)

    def _take(self, name: str) -> bool:
        now = self._clock.now()
        if not self._store.take(name, self._holder, now=now, until=now + self._ttl):
            return False
        self._taken[name] = now
        return True

    def _renew(self) -> None:
        with self._lock:
            held = set(self._held)
        if not held:
            return
        now = self._clock.now()
        ours = self._store.acquire_many(held, self._holder, now=now, until=now + self._ttl)
        # One that had run out may have been somebody else's meanwhile: it keeps its old time, see `has_surely`.
        self._taken.update({name: now for name in ours if now - self._taken.get(name, _LONG_AGO) <= self._ttl})
        self._store.release_many(ours - self._held, self._holder)  # released between the lines above


def _name(key: Digest) -> str:
    return f"step:{key}"
