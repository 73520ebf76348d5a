"""What is kept online of an entity's events: per window, an aggregate for each tile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from millwright.data.features.coding import decode_plain, encode_plain
from millwright.data.features.stream_view import WindowKind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from millwright.data.features.stream_view import StreamFeatureView, Window

_EVER = -(1 << 63)


class WindowEvent(NamedTuple):
    """An event of one entity.

    Attributes:
        at_us: When it happened, in microseconds since 1970.
        created_us: When it was recorded; None where nobody says.
        id: Tells it from others; None where the view names no column for it.
        values: Of each window's column, coded; None where it is null. For `count` without a column, anything.
    """

    at_us: int
    created_us: int | None
    id: Any
    values: Sequence[Any]

    @property
    def known_us(self) -> int:
        """Since when it counts."""
        return self.at_us if self.created_us is None else max(self.at_us, self.created_us)


class EntityTiles:
    """One entity's events, as far as any window of the present or future needs them.

    Attributes:
        last_us: The moment of the last event that counts by now; None when none does.
        tiles: Per window {start of a tile in microseconds: its aggregate}.

    Args:
        view: Whose windows.
        raw: As `encode` gave it; None for an entity without events.
    """

    __slots__ = ("_early", "_seen", "last_us", "tiles", "view")

    def __init__(self, view: StreamFeatureView, raw: bytes | None = None) -> None:
        self.view = view
        self.last_us: int | None = None
        self._early: list[WindowEvent] = []
        self._seen: dict[Any, int] = {}
        self.tiles: list[dict[int, Any]] = [{} for _ in view.windows]
        if raw is not None:
            self.last_us, early, seen, tiles = decode_plain(raw)
            self._early = [WindowEvent(*event) for event in early]
            self._seen = dict(seen)
            self.tiles = [dict(each) for each in tiles]

    def encode(self) -> bytes:
        """Everything as bytes."""
        tiles = [sorted(each.items()) for each in self.tiles]
        return encode_plain([self.last_us, self._early, list(self._seen.items()), tiles])

    def add(self, events: Sequence[WindowEvent], now_us: int) -> None:
        """Take in events in the order of their arrival, and forget what no window reaches from now on.

        Those that happen, or were recorded, later than now wait until then.
        """
        for event in events:
            if self._is_known(event):
                continue
            if event.known_us > now_us:
                self._early.append(event)
            else:
                self._count(event)
        self.settle(now_us)
        self._prune(now_us)

    def settle(self, now_us: int) -> None:
        """Take in what had to wait until now."""
        if not self._early or all(event.known_us > now_us for event in self._early):
            return
        due = [event for event in self._early if event.known_us <= now_us]
        self._early = [event for event in self._early if event.known_us > now_us]
        for event in sorted(due, key=lambda event: event.known_us):
            self._count(event)

    def _is_known(self, event: WindowEvent) -> bool:
        """Whether it came before; noted now."""
        if not self.view.event_id or event.id is None:
            return False
        known = event.id in self._seen
        self._seen.setdefault(event.id, event.at_us)
        return known

    def _count(self, event: WindowEvent) -> None:
        self.last_us = event.at_us if self.last_us is None else max(self.last_us, event.at_us)
        for window, tiles, value in zip(self.view.windows, self.tiles, event.values, strict=True):
            if value is None:
                continue
            start = tile_start(event.at_us, window)
            tiles[start] = _added(window, tiles.get(start), event, value)

    def _prune(self, now_us: int) -> None:
        first = min(first_tile(now_us, window) for window in self.view.windows)
        for window, tiles in zip(self.view.windows, self.tiles, strict=True):
            start = first_tile(now_us, window)
            for old in [each for each in tiles if each < start]:
                del tiles[old]
        for identifier in [each for each, at_us in self._seen.items() if at_us < first]:
            del self._seen[identifier]


def tile_start(at_us: int, window: Window) -> int:
    """Where the tile begins in which a moment is."""
    hop = in_us(window.hop)
    return at_us // hop * hop


def first_tile(at_us: int, window: Window) -> int:
    """Where the first tile begins that a window covers at a moment."""
    return tile_start(at_us, window) + in_us(window.hop) - in_us(window.over)


def in_us(duration: timedelta | None) -> int:
    """A duration in microseconds; None is one, the finest there is."""
    return 1 if duration is None else (duration.days * 86_400 + duration.seconds) * 1_000_000 + duration.microseconds


def _added(window: Window, known: Any, event: WindowEvent, value: Any) -> Any:
    match window.kind:
        case WindowKind.COUNT:
            return (known or 0) + 1
        case WindowKind.SUM:
            return (known or 0.0) + float(value)
        case WindowKind.MEAN:
            total, count = known or (0.0, 0)
            return (total + float(value), count + 1)
        case WindowKind.DISTINCT:
            # Null is passed over, so that None can stand for NaN, which equals nothing and itself least.
            same = None if value != value else value + 0.0 if isinstance(value, float) else value  # noqa: PLR0124
            values: list[Any] = known or []
            return values if same in values else [*values, same]
        case WindowKind.LAST:
            entry = (event.at_us, _EVER if event.created_us is None else event.created_us, value)
            entries = [tuple(each) for each in known or ()]
            place = sum(each[:2] <= entry[:2] for each in entries)
            return [*entries[:place], entry, *entries[place:]][-window.n :]
