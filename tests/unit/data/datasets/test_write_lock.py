from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import ConflictError
from millwright.core.process import current_owner
from millwright.data.datasets.write_lock import LEASE_TIME, write_lock

if TYPE_CHECKING:
    from millwright.core.clock import ManualClock
    from millwright.storage.catalog import Stores


def test_lock_is_given_back_at_the_end_and_after_an_error(stores: Stores, clock: ManualClock) -> None:
    def fail() -> None:
        with write_lock(stores.leases, "d", clock=clock, wait_s=0):
            assert stores.leases.holder("dataset:d", now=clock.now()) is not None
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert stores.leases.holder("dataset:d", now=clock.now()) is None


def test_lock_is_waited_for(stores: Stores, clock: ManualClock) -> None:
    entered, done = Event(), Event()

    def hold() -> None:
        with write_lock(stores.leases, "d", clock=clock, wait_s=0):
            entered.set()
            done.wait(10)

    thread = Thread(target=hold)
    thread.start()
    entered.wait(10)
    with (
        pytest.raises(ConflictError, match=f"'d' is still being written by the process {current_owner()}"),
        write_lock(stores.leases, "d", clock=clock, wait_s=0.1),
    ):
        pass
    with write_lock(stores.leases, "other", clock=clock, wait_s=0):
        pass
    done.set()
    with write_lock(stores.leases, "d", clock=clock, wait_s=10):
        pass
    thread.join()


def test_lock_of_a_dead_process_is_taken_at_once(stores: Stores, clock: ManualClock) -> None:
    script = "from millwright.core.process import current_owner; print(current_owner(), end='')"
    dead = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    stores.leases.acquire("dataset:d", f"{dead}/x", now=clock.now(), until=clock.now() + LEASE_TIME)
    with write_lock(stores.leases, "d", clock=clock, wait_s=0):
        pass


def test_lock_of_another_machine_is_taken_when_its_time_is_over(stores: Stores, clock: ManualClock) -> None:
    stores.leases.acquire("dataset:d", "elsewhere:1:1/x", now=clock.now(), until=clock.now() + LEASE_TIME)
    with pytest.raises(ConflictError), write_lock(stores.leases, "d", clock=clock, wait_s=0):
        pass
    clock.advance(LEASE_TIME + timedelta(seconds=1))
    with write_lock(stores.leases, "d", clock=clock, wait_s=0):
        pass
