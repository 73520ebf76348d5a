"""Stored rows as values: those of feature views as they are, those of stream views computed from their tiles."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from millwright.data.features.coding import decode_row
from millwright.data.features.online.result import EXPIRED, MISSING, PRESENT
from millwright.data.features.stream_view import StreamFeatureView
from millwright.data.features.window.tile import EntityTiles, in_us
from millwright.data.features.window.value import values_without_events, window_values

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypeAlias

    from millwright.data.features.online.place import StoredView

    Decoded: TypeAlias = tuple[int | None, int, Sequence[Any]]


class Decoder(ABC):
    """What turns a view's stored rows into values.

    Of each row it gives the moment since which the values hold (None where there are none), whether they are there (0
    present, 1 expired, 2 missing), and the values of all the view's features, in its order. The present moment is in
    microseconds.
    """

    @abstractmethod
    def one(self, stored: bytes | None, now_us: int) -> Decoded:
        """One row."""

    @abstractmethod
    def many(
        self, stored: Sequence[bytes | None], now_us: int
    ) -> tuple[Sequence[int | None], Sequence[int], Sequence[Sequence[Any]]]:
        """The three of n rows, each n long."""


def decoder_of(view: StoredView) -> Decoder:
    """The one of a view."""
    return _TilesDecoder(view) if isinstance(view, StreamFeatureView) else _RowDecoder(len(view.features))


class _RowDecoder(Decoder):
    def __init__(self, features: int) -> None:
        self._nothing = (None,) * features

    def one(self, stored: bytes | None, now_us: int) -> Decoded:
        if stored is None:
            return None, MISSING, self._nothing
        event_us, _, expires_us, values = decode_row(stored)
        # Exactly at its end a value still counts, as offline.
        if expires_us is not None and now_us > expires_us:
            return event_us, EXPIRED, self._nothing
        return event_us, PRESENT, values

    def many(
        self, stored: Sequence[bytes | None], now_us: int
    ) -> tuple[Sequence[int | None], Sequence[int], Sequence[Sequence[Any]]]:
        events: list[int | None] = []
        status, values, nothing = [], [], self._nothing
        for each in stored:
            if each is None:
                events.append(None)
                status.append(MISSING)
                values.append(nothing)
                continue
            event_us, _, expires_us, row = decode_row(each)
            events.append(event_us)
            if expires_us is not None and now_us > expires_us:
                status.append(EXPIRED)
                values.append(nothing)
            else:
                status.append(PRESENT)
                values.append(row)
        return events, status, values


class _TilesDecoder(Decoder):
    def __init__(self, view: StreamFeatureView) -> None:
        self._view = view
        self._ttl_us = None if view.ttl is None else in_us(view.ttl)

    def one(self, stored: bytes | None, now_us: int) -> Decoded:
        entity = None if stored is None else EntityTiles(self._view, stored)
        # Made each time: the empty list of one answer is not that of another, as whoever reads may change it.
        values = values_without_events(self._view) if entity is None else window_values(entity, now_us)
        last_us = None if entity is None else entity.last_us
        if last_us is None:
            return None, MISSING, values
        return last_us, PRESENT if self._ttl_us is None or now_us - last_us <= self._ttl_us else EXPIRED, values

    def many(
        self, stored: Sequence[bytes | None], now_us: int
    ) -> tuple[Sequence[int | None], Sequence[int], Sequence[Sequence[Any]]]:
        told = [self.one(each, now_us) for each in stored]
        return tuple(zip(*told, strict=True)) if told else ((), (), ())  # type: ignore[return-value]
