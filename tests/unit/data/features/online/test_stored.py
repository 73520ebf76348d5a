"""Stored rows as values."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from millwright.data.features.coding import encode_row
from millwright.data.features.online.result import EXPIRED, MISSING, PRESENT
from millwright.data.features.online.stored import decoder_of
from millwright.data.features.stream_view import StreamFeatureView, Window
from millwright.data.features.window.tile import EntityTiles, WindowEvent
from tiny.online_world import phases

US = 1_000_000
WINDOW = Window("n", over=timedelta(seconds=5))


def test_row_counts_until_its_very_end() -> None:
    raw = encode_row(5, None, 9, (1.0, "a", 0))
    decoder = decoder_of(phases())
    decode = decoder.one
    event_us, status, values = decode(raw, 9)
    assert (event_us, status, list(values)) == (5, PRESENT, [1.0, "a", 0])
    assert decode(None, 9) == (None, MISSING, (None,) * 3)
    assert decode(raw, 10) == (5, EXPIRED, (None,) * 3)
    assert decode(encode_row(5, None, None, (1.0, "a", 0)), 1 << 60)[1] == PRESENT


def test_rows_at_once_are_told_as_each_alone() -> None:
    for view in (phases(), StreamFeatureView("v", entities=phases().entities, source="e", windows=[WINDOW])):
        decoder = decoder_of(view)
        entity = EntityTiles(view) if isinstance(view, StreamFeatureView) else None
        if entity is not None:
            entity.add([WindowEvent(1 * US, None, None, [1])], 1 * US)
        ends = (9, None, 8)
        rows = [encode_row(5, None, end, (1.0, "a", 0)) if entity is None else entity.encode() for end in ends]
        for stored in (rows, [*rows, None], rows[:1], rows[1:2], [None], []):
            alone = [decoder.one(each, 9) for each in stored]
            assert list(zip(*decoder.many(stored, 9), strict=True)) == alone


def test_tiles_become_values_of_the_present() -> None:
    second = timedelta(seconds=1)
    options: dict[str, Any] = {"entities": phases().entities, "source": "e", "windows": [Window("n", over=5 * second)]}
    for ttl, after in ((None, ([0], PRESENT)), (7 * second, ([None], EXPIRED))):
        view = StreamFeatureView("v", ttl=ttl, **options)
        entity = EntityTiles(view)
        entity.add([WindowEvent(1 * US, None, None, [1])], 1 * US)
        decoder = decoder_of(view)
        decode = decoder.one
        event_us, status, values = decode(entity.encode(), 5 * US)
        assert (event_us, status, list(values)) == (1 * US, PRESENT, [1])
        assert decode(None, 5 * US)[:2] == (None, MISSING)
        _, status, values = decode(entity.encode(), 9 * US)
        assert (list(values), status) == after
