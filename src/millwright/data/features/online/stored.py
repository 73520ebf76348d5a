"""Stored rows as values: those of feature views as they are, those of stream views computed from their tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.data.features.coding import decode_row
from millwright.data.features.online.result import EXPIRED, MISSING, PRESENT
from millwright.data.features.stream_view import StreamFeatureView
from millwright.data.features.window.tile import EntityTiles, in_us
from millwright.data.features.window.value import values_without_events, window_values

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from millwright.data.features.online.place import StoredView

    Decoder = Callable[[bytes | None, int], tuple[int | None, int, Sequence[Any]]]


def decoder_of(view: StoredView) -> Decoder:
    """What turns a view's stored rows into values.

    Returns:
        A function of a stored row and the present moment in microseconds; it gives the moment since which the values
        hold (None where there are none), whether they are there (0 present, 1 expired, 2 missing), and the values of
        all the view's features, in its order.
    """
    if isinstance(view, StreamFeatureView):
        return _stream_decoder(view)
    nothing = (None,) * len(view.features)

    def decode(raw: bytes | None, now_us: int) -> tuple[int | None, int, Sequence[Any]]:
        if raw is None:
            return None, MISSING, nothing
        event_us, _, expires_us, values = decode_row(raw)
        # Exactly at its end a value still counts, as offline.
        if expires_us is not None and now_us > expires_us:
            return event_us, EXPIRED, nothing
        return event_us, PRESENT, values

    return decode


def _stream_decoder(view: StreamFeatureView) -> Decoder:
    nothing = values_without_events(view)
    ttl_us = None if view.ttl is None else in_us(view.ttl)

    def decode(raw: bytes | None, now_us: int) -> tuple[int | None, int, Sequence[Any]]:
        entity = None if raw is None else EntityTiles(view, raw)
        values = nothing if entity is None else window_values(entity, now_us)
        last_us = None if entity is None else entity.last_us
        if last_us is None:
            return None, MISSING, values
        return last_us, PRESENT if ttl_us is None or now_us - last_us <= ttl_us else EXPIRED, values

    return decode
