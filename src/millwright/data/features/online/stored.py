"""Stored rows as values: those of feature views as they are, those of stream views computed from their tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.data.features.coding import decode_row
from millwright.data.features.online.result import EXPIRED, MISSING, PRESENT, ViewAnswer
from millwright.data.features.stream_view import StreamFeatureView
from millwright.data.features.window.tile import EntityTiles, in_us
from millwright.data.features.window.value import values_without_events, window_values

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from millwright.data.features.online.place import StoredView

    Decoder = Callable[[Sequence[bytes | None], int], tuple[ViewAnswer, list[Sequence[Any]]]]


def decoder_of(view: StoredView) -> Decoder:
    """What turns a view's stored rows into values.

    Returns:
        A function of n stored rows and the present moment in microseconds; it gives what the view answers, and the
        values of all its features, in its order, for each of the n.
    """
    if isinstance(view, StreamFeatureView):
        return _stream_decoder(view)
    nothing = (None,) * len(view.features)

    def decode(found: Sequence[bytes | None], now_us: int) -> tuple[ViewAnswer, list[Sequence[Any]]]:
        events: list[int | None] = []
        statuses: list[int] = []
        rows: list[Sequence[Any]] = []
        for raw in found:
            if raw is None:
                events.append(None)
                statuses.append(MISSING)
                rows.append(nothing)
                continue
            event_us, _, expires_us, values = decode_row(raw)
            events.append(event_us)
            # Exactly at its end a value still counts, as offline.
            if expires_us is not None and now_us > expires_us:
                statuses.append(EXPIRED)
                rows.append(nothing)
            else:
                statuses.append(PRESENT)
                rows.append(values)
        return ViewAnswer(events, statuses), rows

    return decode


def _stream_decoder(view: StreamFeatureView) -> Decoder:
    nothing = values_without_events(view)
    ttl_us = None if view.ttl is None else in_us(view.ttl)

    def decode(found: Sequence[bytes | None], now_us: int) -> tuple[ViewAnswer, list[Sequence[Any]]]:
        events: list[int | None] = []
        statuses: list[int] = []
        rows: list[Sequence[Any]] = []
        for raw in found:
            entity = None if raw is None else EntityTiles(view, raw)
            values = nothing if entity is None else window_values(entity, now_us)
            last_us = None if entity is None else entity.last_us
            events.append(last_us)
            rows.append(values)
            if last_us is None:
                statuses.append(MISSING)
            else:
                statuses.append(PRESENT if ttl_us is None or now_us - last_us <= ttl_us else EXPIRED)
        return ViewAnswer(events, statuses), rows

    return decode
