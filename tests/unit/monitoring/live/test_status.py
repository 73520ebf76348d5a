from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from millwright.monitoring.live.monitor import LiveMonitor


def test_status_tells_what_is_folded_and_what_lags(world: Any, draw_rows: Any):
    world.register()
    live = LiveMonitor(world.stores, world.clock)
    world.log(draw_rows(5))
    live.step()
    folded_at = world.clock.now()
    world.clock.advance(timedelta(minutes=10))
    late = world.log(draw_rows(3))
    world.clock.advance(timedelta(minutes=1))
    status = live.status("delay")
    assert (status.rows, status.folded_at, status.pending) == (5, folded_at, 1)
    assert status.folded_until == late[0].at
    assert status.lag_s == pytest.approx(60, abs=0.01)
    assert [hour.rows for hour in status.hours] == [5]
    live.step()
    status = live.status("delay")
    assert (status.rows, status.pending, status.lag_s) == (8, 0, 0.0)
    assert (status.last_at, status.folded_until) == (late[-1].at, world.clock.now())


def test_status_of_an_endpoint_without_predictions_is_empty(world: Any):
    status = LiveMonitor(world.stores, world.clock).status("nowhere")
    assert (status.rows, status.last_at, status.folded_until, status.pending, status.hours) == (0, None, None, 0, ())
