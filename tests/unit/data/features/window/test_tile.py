"""What is kept of an entity's events."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from millwright.data.features.entity import Entity
from millwright.data.features.stream_view import StreamFeatureView, Window
from millwright.data.features.window.tile import EntityTiles, WindowEvent, first_tile, in_us, tile_start
from millwright.data.features.window.value import window_values

S = timedelta(seconds=1)
US = 1_000_000


def stream(event_id: str | None = None) -> StreamFeatureView:
    windows = [Window("n", over=10 * S, hop=S), Window("total", "x", "sum", over=4 * S, hop=2 * S)]
    return StreamFeatureView("v", entities=[Entity("k")], source="e", windows=windows, event_id=event_id)


def event(at: float, value: Any = 1.0, name: Any = None) -> WindowEvent:
    return WindowEvent(int(at * US), None, name, [1, value])


def test_tiles_that_no_window_reaches_any_more_are_forgotten() -> None:
    entity = EntityTiles(stream("id"))
    for second in range(100):
        entity.add([event(second, name=str(second))], second * US)
    assert list(entity.tiles[0]) == [second * US for second in range(90, 100)]
    assert list(entity.tiles[1]) == [96 * US, 98 * US]
    assert len(entity.encode()) < 400
    assert entity.last_us == 99 * US


def test_late_event_goes_into_its_tile() -> None:
    entity = EntityTiles(stream())
    entity.add([event(9), event(5.5, 7.0), event(8.5, 2.0)], 9 * US)
    assert entity.tiles[0] == {5 * US: 1, 8 * US: 1, 9 * US: 1}
    assert window_values(entity, 9 * US) == [3, 3.0]
    assert entity.last_us == 9 * US


def test_event_with_a_known_id_is_passed_over() -> None:
    raw = None
    for _ in range(3):
        entity = EntityTiles(stream("id"), raw)
        entity.add([event(1, name="a"), event(2, name="b"), event(2, name="b"), event(3), event(3)], 3 * US)
        raw = entity.encode()
    assert window_values(EntityTiles(stream("id"), raw), 3 * US)[0] == 2 + 3 * 2


def test_event_of_the_future_waits_for_its_moment() -> None:
    entity = EntityTiles(stream())
    entity.add([event(5), WindowEvent(1 * US, 6 * US, None, [1, 1.0])], 2 * US)
    raw = entity.encode()
    assert [window_values(EntityTiles(stream(), raw), second * US)[0] for second in (2, 4, 5, 6)] == [0, 0, 1, 2]
    assert EntityTiles(stream(), raw).last_us is None


def test_tiles_begin_at_multiples_of_the_hop_before_1970_too() -> None:
    window = Window("n", over=4 * S, hop=2 * S)
    assert [tile_start(at * US, window) // US for at in (-3, -2, -1, 0, 1, 2)] == [-4, -2, -2, 0, 0, 2]
    assert first_tile(5 * US, window) == 2 * US
    assert in_us(timedelta(days=40, microseconds=3)) == 40 * 86_400 * US + 3
