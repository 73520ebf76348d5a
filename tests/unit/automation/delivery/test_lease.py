from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

from millwright.automation.delivery.lease import LEASE, DeliveryLease


def test_lease_is_had_by_one_and_extended_as_long_as_it_is_asked_for(stores, clock):
    first, second = (DeliveryLease(stores.leases, clock, 30) for _ in range(2))
    assert first.held()
    for _ in range(10):
        clock.advance(timedelta(seconds=9))
        assert first.held()
        assert not second.held()
    assert second.other() is not None
    first.give_back()
    assert second.held()
    assert not first.held()


def test_lease_of_a_process_elsewhere_ends_with_its_time(stores, clock):
    lease = DeliveryLease(stores.leases, clock, 30)
    stores.leases.acquire(LEASE, "elsewhere:1:2/3", now=clock.now(), until=clock.now() + timedelta(seconds=30))
    assert not lease.held()
    clock.advance(timedelta(seconds=30))
    assert lease.held()


def test_lease_of_a_dead_process_of_this_machine_is_free_at_once(stores, clock):
    code = "from millwright.core.process import current_owner; print(current_owner())"
    owner = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    stores.leases.acquire(LEASE, f"{owner}/1", now=clock.now(), until=clock.now() + timedelta(hours=1))
    assert DeliveryLease(stores.leases, clock, 30).held()
