"""Conformance of `LeaseStore`."""
# ruff: noqa: S101

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from millwright.core.process import current_owner
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

    def test_several_leases_are_taken_as_far_as_they_are_free(self, store: LeaseStore) -> None:
        """And given back as far as they are had; thousands of them, too."""
        names = [f"job-{number}" for number in range(1_200)]
        assert store.acquire_many([], "a", now=sample.NOON, until=sample.moment(10)) == set()
        assert store.acquire_many(names[:700], "a", now=sample.NOON, until=sample.moment(10)) == set(names[:700])
        assert store.acquire_many(names[::-1], "b", now=sample.NOON, until=sample.moment(10)) == set(names[700:])
        assert store.acquire_many(names, "a", now=sample.moment(5), until=sample.moment(20)) == set(names[:700])
        store.release_many([], "a")
        store.release_many(names, "b")
        assert store.holder(names[-1], now=sample.NOON) is None
        assert store.holder(names[0], now=sample.moment(15)) == "a"
        assert store.acquire_many(names, "b", now=sample.moment(20), until=sample.moment(30)) == set(names)

    def test_overlapping_leases_are_had_by_one_when_processes_ask_together(self, shared_opener: Opener) -> None:
        """Whatever the order in which they are named."""
        first, second = in_processes(shared_opener, _acquire_overlapping)
        assert first.isdisjoint(second)
        assert first | second == {f"job-{job}" for job in range(300)}

    def test_lease_of_a_process_of_this_machine_that_is_gone_is_taken_over(self, store: LeaseStore) -> None:
        """That of one that lives, or is elsewhere, is not, until it ends."""
        for other, taken in (
            (f"{socket.gethostname()}:999999999:1/run", True),
            ("elsewhere:999999999:1/run", False),
            (f"{current_owner()}/run", False),
        ):
            assert acquire(store, other, until=10)
            assert store.take("job", "me", now=sample.NOON, until=sample.moment(5)) is taken
            assert store.holder("job", now=sample.NOON) == ("me" if taken else other)
            assert store.take("job", "me", now=sample.moment(10), until=sample.moment(11))
            store.release("job", "me")

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


def _acquire_overlapping(store: LeaseStore, number: int) -> set[str]:
    names = [f"job-{job}" for job in range(number * 100, number * 100 + 200)]
    had: set[str] = set()
    for _ in range(10):
        had |= store.acquire_many(
            names[:: 1 - 2 * number], f"worker-{number}", now=sample.NOON, until=sample.moment(60)
        )
    return had


def _acquire_many(store: LeaseStore, number: int) -> list[bool]:
    return [
        store.acquire(f"job-{job}", f"worker-{number}", now=sample.NOON, until=sample.moment(60)) for job in range(20)
    ]
