from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.ids import PredictionId, new_id
from millwright.monitoring.window import Window, read_window

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


def test_window_holds_all_rows_of_the_newest_version_when_nothing_is_asked(world: Any, draw_rows: Any):
    world.log(draw_rows(3), version=1)
    world.clock.advance(timedelta(hours=3))
    newest = world.log(draw_rows(5), version=2)
    found = read_window(world.stores.predictions, "delay", Window(), now=world.clock.now())
    assert found.rows["id"].to_list() == [record.id for record in newest]
    assert found.left_out == {"delay@1": 3}
    assert found.start == newest[0].at
    assert newest[-1].at < found.end <= newest[-1].at + timedelta(milliseconds=1)


def test_window_holds_the_rows_of_the_version_asked_for(world: Any, draw_rows: Any):
    world.log(draw_rows(3), version=1)
    world.log(draw_rows(5), version=2)
    found = read_window(world.stores.predictions, "delay", Window(version=1), now=NOW)
    assert (found.version, len(found)) == (1, 3)
    assert found.left_out == {}


def test_window_holds_the_last_rows_when_asked_for(world: Any, draw_rows: Any):
    records = world.log(draw_rows(10))
    found = read_window(world.stores.predictions, "delay", Window(last=4), now=NOW)
    assert found.rows["id"].to_list() == [record.id for record in records[-4:]]


def test_window_is_open_at_its_end(world: Any, draw_rows: Any):
    records = world.log(draw_rows(3))
    found = read_window(world.stores.predictions, "delay", Window(start=records[0].at, end=records[2].at), now=NOW)
    assert found.rows["id"].to_list() == [record.id for record in records[:2]]
    assert (found.start, found.end) == (records[0].at, records[2].at)


def test_window_is_empty_when_nothing_was_logged(world: Any):
    found = read_window(world.stores.predictions, "delay", Window(), now=NOW)
    assert (len(found), found.model) == (0, "")
    assert (found.start, found.end) == (NOW, NOW)


def test_window_refuses_what_cannot_hold_anything():
    with pytest.raises(InvalidInputError, match="ends after it starts"):
        Window(start=NOW, end=NOW)
    with pytest.raises(InvalidInputError, match="at least 1 row"):
        Window(last=0)
    with pytest.raises(InvalidInputError, match="with a time zone"):
        Window(start=NOW.replace(tzinfo=None))


def test_window_keeps_the_newest_rows_of_many_segments(world: Any, draw_rows: Any):
    written = []
    for _ in range(7):
        written += world.log(draw_rows(5))
        world.clock.advance(timedelta(minutes=40))
    found = read_window(world.stores.predictions, "delay", Window(last=6), now=NOW)
    assert found.rows["id"].to_list() == [record.id for record in written[-6:]]
    assert found.features["days"].to_list() == [record.features["days"] for record in written[-6:]]
    assert found.types["days"] == {"number": 35}


def test_window_says_in_which_types_values_came(world: Any, draw_rows: Any):
    records = world.log(draw_rows(3))
    moved = [replace(record, features={**record.features, "days": "12.5", "x": [1.0]}) for record in records]
    world.stores.predictions.append([replace(r, id=PredictionId(new_id(int(r.at.timestamp() * 1000)))) for r in moved])
    found = read_window(world.stores.predictions, "delay", Window(), now=NOW)
    assert found.types["days"] == {"number": 3, "text": 3}
    assert found.features["x"].null_count() == 3
    assert found.features["days"].to_list().count("12.5") == 3
