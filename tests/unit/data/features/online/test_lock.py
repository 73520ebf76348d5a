"""One process at a time that brings a view online."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import ConflictError
from millwright.core.process import current_owner
from millwright.data.features.online.lock import is_locked, view_lock

if TYPE_CHECKING:
    from tiny.online_world import World


def test_view_is_locked_until_the_block_ends(world: World) -> None:
    leases = world.stores.leases
    with view_lock(leases, "v@1", clock=world.clock, wait_s=0):
        with (
            pytest.raises(ConflictError, match="'v' is being brought online by the process"),
            view_lock(leases, "v@1", clock=world.clock, wait_s=0.1),
        ):
            pass
        with view_lock(leases, "w@1", clock=world.clock, wait_s=0):
            pass
    with view_lock(leases, "v@1", clock=world.clock, wait_s=0):
        pass


def test_renewed_lock_does_not_run_out(world: World) -> None:
    with view_lock(world.stores.leases, "v@1", clock=world.clock, wait_s=0) as renew:
        world.clock.advance(timedelta(minutes=9))
        renew()
        world.clock.advance(timedelta(minutes=9))
        with pytest.raises(ConflictError), view_lock(world.stores.leases, "v@1", clock=world.clock, wait_s=0):
            pass


def test_process_that_lost_its_lock_is_told(world: World) -> None:
    """Else two would bring one view online, and the slower one would put back what the other replaced."""
    with view_lock(world.stores.leases, "v@1", clock=world.clock, wait_s=0) as renew:
        world.clock.advance(timedelta(minutes=11))
        with (
            view_lock(world.stores.leases, "v@1", clock=world.clock, wait_s=0),
            pytest.raises(ConflictError, match="Another process began"),
        ):
            renew()


def test_lock_of_a_dead_process_is_taken_over_at_once(world: World) -> None:
    code = "from millwright.core.process import current_owner; print(current_owner())"
    dead = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert dead != current_owner()
    now = world.clock.now()
    assert world.stores.leases.acquire("online:v@1", f"{dead}/x", now=now, until=now + timedelta(minutes=10))
    assert not is_locked(world.stores.leases, "v@1", clock=world.clock)
    with view_lock(world.stores.leases, "v@1", clock=world.clock, wait_s=0):
        pass
