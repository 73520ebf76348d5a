"""Events taken into the tiles that are kept online."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.errors import ConflictError
from millwright.data.features.coding import encode_key, micros
from millwright.data.features.definition import Entity, StreamFeatureView, Window
from millwright.data.features.online.event import add_events, events_by_key, rebuilt_rows
from millwright.data.features.view_rows import view_rows
from millwright.data.features.window.tile import EntityTiles
from millwright.data.features.window.value import window_values
from tiny.online_stream import visits
from tiny.online_world import NOON, moment, row, table

if TYPE_CHECKING:
    from tiny.online_world import World

NOW = micros(NOON)
ONE = encode_key([1])


def test_events_are_kept_in_their_order_of_arrival_by_entity() -> None:
    view = visits(None)
    rows = view_rows(view, table([row(1, -1), row(2, -3), row(1, -2, created=-1)])).collect()
    found = events_by_key(view, rows, NOW)
    assert [event.at_us for event in found[ONE]] == [micros(moment(-1)), micros(moment(-2))]
    assert [event.known_us for event in found[ONE]] == [micros(moment(-1))] * 2
    assert [list(event.values) for event in found[encode_key([2])]] == [[1, -3.0]]


def test_of_events_that_no_window_reaches_only_the_last_is_kept() -> None:
    view = visits(None)
    rows = view_rows(view, table([row(1, -50), row(1, -40), row(1, -60), row(1, -1)])).collect()
    assert [event.at_us for event in events_by_key(view, rows, NOW)[ONE]] == [micros(moment(-40)), micros(moment(-1))]


def test_rebuilt_rows_hold_what_was_added_one_by_one(world: World) -> None:
    view, store = visits(None), world.online.store
    events = events_by_key(view, view_rows(view, table([row(1, -1), row(1, -2), row(2, -1)])).collect(), NOW)
    for key, own in events.items():
        for event in own:
            add_events(store, "visits@1", view, {key: [event]}, NOW)
    values = {each.key: each.value for each in rebuilt_rows(view, events, NOW)}
    for key, raw in zip(values, store.get([("visits@1", list(values))])[0], strict=True):
        assert window_values(EntityTiles(view, raw), NOW) == window_values(EntityTiles(view, values[key]), NOW)


def test_store_that_others_change_all_the_time_is_given_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    view, store = visits(None), world.online.store
    events = events_by_key(view, view_rows(view, table([row(1, -1)])).collect(), NOW)
    monkeypatch.setattr(store, "swap", lambda _, changes: [False] * len(changes))
    with pytest.raises(ConflictError, match="1 entities of 'visits' were changed by others"):
        add_events(store, "visits@1", view, events, NOW)


def test_view_that_only_counts_events_takes_all_of_them() -> None:
    view = StreamFeatureView(
        "visits",
        entities=[Entity("site")],
        source="visits",
        timestamp="at",
        windows=[Window("visits_1d", kind="count", over=timedelta(days=1))],
    )
    rows = pl.DataFrame({"site": [1, 1, 2], "at": [NOON, NOON, NOON]})
    assert sorted(len(events) for events in events_by_key(view, rows, micros(NOON)).values()) == [1, 2]
