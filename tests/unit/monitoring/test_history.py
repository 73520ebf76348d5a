from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.monitoring.history import known_hours, newest_label
from millwright.monitoring.live import LiveMonitor

if TYPE_CHECKING:
    from millwright.storage.catalog import Stores

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


def test_hours_are_those_that_were_folded_and_empty_ones_between(world: Any, draw_rows: Any, stores: Stores):
    world.register()
    for hours, rows in ((0, 5), (3, 7), (1, 9)):
        world.clock.advance(timedelta(hours=hours))
        world.log(draw_rows(rows))
    world.clock.advance(timedelta(hours=2))
    LiveMonitor(stores, world.clock).step(["delay"])
    assert known_hours(stores.summaries, "delay", before=NOW + timedelta(hours=4)) == {
        NOW: 5, NOW + timedelta(hours=1): 0, NOW + timedelta(hours=2): 0, NOW + timedelta(hours=3): 7,
    }  # fmt: skip
    assert known_hours(stores.summaries, "other", before=NOW) == {}


def test_newest_label_is_the_one_told_last():
    times = pl.Series("recorded_at", [NOW, NOW + timedelta(days=1)], dtype=pl.Datetime("us", "UTC"))
    assert newest_label(pl.DataFrame([times])) == NOW + timedelta(days=1)
    assert newest_label(pl.DataFrame([times]).clear()) is None
