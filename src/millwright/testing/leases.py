"""Conformance of `LeaseStore`."""
# ruff: noqa: S101

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.testing import sample
from millwright.testing.conformance import StoreConformance
from millwright.testing.process import in_processes, in_threads

if TYPE_CHECKING:
    from millwright.storage.base.leases import LeaseStore
    from millwright.testing.conformance import Opener


class LeaseStoreConformance(StoreConformance):
    """Named locks that end by themselves."""

    def test_lease_is_had_by_one_until_it_ends(self, store: LeaseStore) -> None:
        """The end itself is free."""
        assert acquire(store, "a", until=10)
        assert not acquire(store, "b", now=9.999999, until=99)
        assert store.holder("job", now=sample.moment(9.999999)) == "a"
        assert store.holder("job", now=sample.moment(10)) is None
        assert acquire(store, "b", now=10, until=20)
        assert store.holder("job", now=sample.moment(10)) == "b"

    def test_lease_is_extended_by_its_holder(self, store: LeaseStore) -> None:
        """Before its end."""
        assert acquire(store, "a", until=10)
        assert acquire(store, "a", now=5, until=30)
        assert not acquire(store, "b", now=20, until=40)

    def test_lease_is_free_when_given_back(self, store: LeaseStore) -> None:
        """By its holder only."""
        acquire(store, "a", until=10)
        store.release("job", "b")
        assert not acquire(store, "b", until=10)
        store.release("job", "a")
        assert store.holder("job", now=sample.moment(0)) is None
        assert acquire(store, "b", until=10)

    def test_unknown_lease_has_no_holder(self, store: LeaseStore) -> None:
        """And giving it back does nothing."""
        store.release("job", "a")
        assert store.holder("job", now=sample.NOON) is None

    def test_leases_of_two_names_are_apart(self, store: LeaseStore) -> None:
        """Names of any script."""
        for name in sample.NAMES:
            assert store.acquire(name, name, now=sample.NOON, until=sample.moment(5))
            assert store.holder(name, now=sample.NOON) == name

    def test_lease_is_had_by_one_when_threads_ask_together(self, store: LeaseStore) -> None:
        """One wins."""
        assert sum(in_threads(lambda number: acquire(store, str(number), until=10))) == 1

    def test_lease_is_had_by_one_when_processes_ask_together(self, shared_opener: Opener) -> None:
        """One wins each of the leases."""
        won = in_processes(shared_opener, _acquire_many)
        assert [sum(pair) for pair in zip(*won, strict=True)] == [1] * 20


def acquire(store: LeaseStore, holder: str, *, now: float = 0, until: float) -> bool:
    """Ask for the lease `job`."""
    return store.acquire("job", holder, now=sample.moment(now), until=sample.moment(until))


def _acquire_many(store: LeaseStore, number: int) -> list[bool]:
    return [
        store.acquire(f"job-{job}", f"worker-{number}", now=sample.NOON, until=sample.moment(60)) for job in range(20)
    ]
