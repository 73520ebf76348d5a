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


def test_row_counts_until_its_very_end() -> None:
    raw = encode_row(5, None, 9, (1.0, "a", 0))
    decode = decoder_of(phases())
    answer, rows = decode([raw, None], 9)
    assert (answer.event_us, answer.status, list(map(list, rows))) == (
        [5, None],
        [PRESENT, MISSING],
        [[1.0, "a", 0], [None] * 3],
    )
    answer, rows = decode([raw], 10)
    assert (answer.event_us, answer.status, list(rows[0])) == ([5], [EXPIRED], [None] * 3)
    answer, _ = decode([encode_row(5, None, None, (1.0, "a", 0))], 1 << 60)
    assert answer.status == [PRESENT]


def test_tiles_become_values_of_the_present() -> None:
    second = timedelta(seconds=1)
    options: dict[str, Any] = {"entities": phases().entities, "source": "e", "windows": [Window("n", over=5 * second)]}
    for ttl, after in ((None, ([0], PRESENT)), (7 * second, ([None], EXPIRED))):
        view = StreamFeatureView("v", ttl=ttl, **options)
        entity = EntityTiles(view)
        entity.add([WindowEvent(1 * US, None, None, [1])], 1 * US)
        decode = decoder_of(view)
        answer, rows = decode([entity.encode(), None], 5 * US)
        assert (list(rows[0]), answer.status, answer.event_us) == ([1], [PRESENT, MISSING], [1 * US, None])
        answer, rows = decode([entity.encode()], 9 * US)
        assert (list(rows[0]), answer.status[0]) == after
