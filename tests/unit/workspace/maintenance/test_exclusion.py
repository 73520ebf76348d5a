from __future__ import annotations

from datetime import timedelta

import pytest

from millwright.core.clock import SystemClock
from millwright.core.errors import ConflictError
from millwright.core.process import current_owner
from millwright.workspace.maintenance.exclusion import exclusively
from millwright.workspace.workspace import Workspace

CLOCK = SystemClock()


@pytest.fixture
def leases(tmp_path):
    with Workspace.open(tmp_path) as workspace:
        yield workspace.stores.leases


def held(leases, owner):
    now = CLOCK.now()
    return leases.acquire("maintenance", owner, now=now, until=now + timedelta(minutes=5))


def test_lease_of_a_living_process_is_respected_and_given_back(leases):
    assert held(leases, "elsewhere:1:1")
    with pytest.raises(ConflictError, match="Wait until"), exclusively(leases, CLOCK):
        pass
    leases.release("maintenance", "elsewhere:1:1")
    with exclusively(leases, CLOCK):
        assert leases.holder("maintenance", now=CLOCK.now()) == current_owner()
    assert leases.holder("maintenance", now=CLOCK.now()) is None


def test_lease_of_a_killed_process_of_this_machine_is_free_at_once(leases):
    host = current_owner().split(":", maxsplit=1)[0]
    assert held(leases, f"{host}:999999:1")
    with exclusively(leases, CLOCK):
        pass
