from __future__ import annotations

import socket
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from millwright.core.clock import ManualClock, SystemClock
from millwright.core.digest import digest_bytes
from millwright.pipelines.runner.lease import LeaseKeeper

if TYPE_CHECKING:
    from millwright.storage.catalog import Stores

KEY = digest_bytes(b"key")
NAME = f"step:{KEY}"


def test_one_run_has_a_lease_at_a_time_and_it_ends_with_the_context(stores: Stores) -> None:
    clock = SystemClock()
    with LeaseKeeper(stores.leases, clock, "one") as one, LeaseKeeper(stores.leases, clock, "two") as two:
        assert one.acquire(KEY)
        assert one.acquire(KEY)
        assert not two.acquire(KEY)
        one.release(KEY)
        assert two.acquire(KEY)
        assert not one.acquire(KEY)
    assert stores.leases.holder(NAME, now=clock.now()) is None


def test_lease_is_renewed_while_it_is_held(stores: Stores) -> None:
    clock, ttl = SystemClock(), timedelta(seconds=0.3)
    with LeaseKeeper(stores.leases, clock, "one", ttl) as one:
        assert one.acquire(KEY)
        time.sleep(0.8)
        with LeaseKeeper(stores.leases, clock, "two", ttl) as two:
            assert not two.acquire(KEY)
        one.release(KEY)
        time.sleep(0.3)
        assert stores.leases.holder(NAME, now=clock.now()) is None


def test_lease_of_a_run_that_went_silent_can_be_taken_when_it_ends(stores: Stores) -> None:
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    stores.leases.acquire(NAME, "elsewhere:1:1/run", now=clock.now(), until=clock.now() + timedelta(seconds=30))
    with LeaseKeeper(stores.leases, clock, "one") as one:
        assert not one.acquire(KEY)
        clock.advance(timedelta(seconds=31))
        assert one.acquire(KEY)


def test_lease_is_surely_ours_until_it_might_have_run_out(stores: Stores) -> None:
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    with LeaseKeeper(stores.leases, clock, "one") as one:
        assert not one.has_surely(KEY)
        assert one.acquire(KEY)
        assert one.has_surely(KEY)
        clock.advance(timedelta(seconds=16))
        assert not one.has_surely(KEY)
        one._renew()
        assert one.has_surely(KEY)
        clock.advance(timedelta(seconds=31))
        one._renew()  # it had run out: somebody else may have had it
        assert not one.has_surely(KEY)


def test_lease_of_a_dead_process_of_this_machine_is_not_waited_for(stores: Stores) -> None:
    clock = SystemClock()
    holder = f"{socket.gethostname()}:999999999:1/run"
    stores.leases.acquire(NAME, holder, now=clock.now(), until=clock.now() + timedelta(hours=1))
    with LeaseKeeper(stores.leases, clock, "one") as one:
        assert one.acquire(KEY)


def test_several_leases_are_taken_renewed_and_given_back_together(stores: Stores) -> None:
    clock, ttl = SystemClock(), timedelta(seconds=0.3)
    keys = [digest_bytes(bytes([number])) for number in range(5)]
    with LeaseKeeper(stores.leases, clock, "one", ttl) as one, LeaseKeeper(stores.leases, clock, "two") as two:
        assert one.acquire_many(keys[:3]) == set(keys[:3])
        assert two.acquire_many(keys) == set(keys[3:])
        time.sleep(0.8)
        assert two.acquire_many(keys[:3]) == set()
        one.release_many(keys[1:])
        assert two.acquire_many(keys) == set(keys[1:])
    assert not [key for key in keys if stores.leases.holder(f"step:{key}", now=clock.now())]


def test_several_leases_of_a_dead_process_of_this_machine_are_taken_over(stores: Stores) -> None:
    clock = SystemClock()
    holder = f"{socket.gethostname()}:999999999:1/run"
    keys = [digest_bytes(bytes([number])) for number in range(5)]
    for key in keys[:4]:
        stores.leases.acquire(f"step:{key}", holder, now=clock.now(), until=clock.now() + timedelta(hours=1))
    with LeaseKeeper(stores.leases, clock, "one") as one:
        assert one.acquire_many(keys) == set(keys)
