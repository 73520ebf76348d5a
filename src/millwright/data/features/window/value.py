"""The values of windows at the present moment, from an entity's tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.data.features.stream_view import WindowKind
from millwright.data.features.window.tile import first_tile, in_us

if TYPE_CHECKING:
    from millwright.data.features.stream_view import StreamFeatureView, Window
    from millwright.data.features.window.tile import EntityTiles


def window_values(entity: EntityTiles, now_us: int) -> list[Any]:
    """The values of all windows, coded, in the view's order.

    Args:
        entity: With no event later than now, but those that wait.
        now_us: The present moment.
    """
    view = entity.view
    entity.settle(now_us)
    if view.ttl is not None and (entity.last_us is None or now_us - entity.last_us > in_us(view.ttl)):
        return [None] * len(view.windows)
    return [_value(window, tiles, now_us) for window, tiles in zip(view.windows, entity.tiles, strict=True)]


def values_without_events(view: StreamFeatureView) -> list[Any]:
    """What windows give for an entity that has no events."""
    return [None if view.ttl is not None else _empty(window) for window in view.windows]


def _value(window: Window, tiles: dict[int, Any], now_us: int) -> Any:
    start = first_tile(now_us, window)
    found = [tiles[each] for each in sorted(tiles) if start <= each <= now_us]
    if not found:
        return _empty(window)
    match window.kind:
        case WindowKind.COUNT | WindowKind.SUM:
            return sum(found)
        case WindowKind.MEAN:
            return sum(total for total, _ in found) / sum(count for _, count in found)
        case WindowKind.DISTINCT:
            return len({value for values in found for value in values})
        case WindowKind.LAST:
            values = [value for entries in found for _, _, value in entries][-window.n :]
            return values[::-1] if window.n > 1 else values[-1]


def _empty(window: Window) -> Any:
    if window.kind in {WindowKind.COUNT, WindowKind.DISTINCT}:
        return 0
    if window.kind is WindowKind.SUM:
        return 0.0
    return [] if window.n > 1 else None
