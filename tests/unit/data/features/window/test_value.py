"""Windows from tiles: events as they arrive give, at any moment, what all of them give offline."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from millwright.data.features.coding import micros
from millwright.data.features.entity import Entity
from millwright.data.features.stream_view import StreamFeatureView, Window, WindowKind
from millwright.data.features.window.offline import windows_as_of
from millwright.data.features.window.tile import EntityTiles, WindowEvent
from millwright.data.features.window.value import values_without_events, window_values

START = datetime(2026, 3, 1, tzinfo=UTC)
MOMENT = pl.Datetime("us", "UTC")
S = timedelta(seconds=1)
SCHEMA = {"site": pl.String, "at": MOMENT, "created": MOMENT, "id": pl.Int64, "x": pl.Float64, "who": pl.String}


def windows() -> list[Window]:
    spans = [(5 * S, S), (12 * S, 4 * S), (7 * S, timedelta(microseconds=1))]
    kinds = [("count", None, 1), ("count", "x", 1), ("sum", "x", 1), ("mean", "x", 1), ("distinct", "x", 1)]
    kinds += [("distinct", "who", 1), ("last", "x", 1), ("last", "x", 3), ("last", "who", 2)]
    return [
        Window(
            f"{kind}_{column}_{n}_{number}", column, WindowKind(kind), over=over, hop=hop, n=n,
            dtype="String" if column == "who" and kind == "last" else "",
        )
        for number, (over, hop) in enumerate(spans)
        for kind, column, n in kinds
    ]  # fmt: skip


def view(**changes: Any) -> StreamFeatureView:
    options: dict[str, Any] = {
        "entities": [Entity("site")], "source": "visits", "timestamp": "at", "windows": windows()
    }  # fmt: skip
    return StreamFeatureView("visits", **(options | changes))


def arrived(stream: StreamFeatureView, event: dict[str, Any]) -> WindowEvent:
    values = [1 if window.column is None else event[window.column] for window in stream.windows]
    return WindowEvent(micros(event["at"]), micros(event["created"]), event["id"], values)


def plain(value: Any) -> Any:
    """NaN as what equals itself."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    return "nan" if isinstance(value, float) and math.isnan(value) else value


SECONDS = st.integers(0, 60).map(lambda half: START + half * S / 2)
NUMBERS = st.none() | st.sampled_from([0.0, -0.0, 1.5, -2.25, 1024.0, float("nan"), float("inf")])
EVENTS = st.lists(
    st.fixed_dictionaries(
        {
            "site": st.just("a"), "at": SECONDS, "created": SECONDS, "id": st.none() | st.integers(0, 9),
            "x": NUMBERS, "who": st.sampled_from([None, "", "é", "z"]),
        }
    ),
    max_size=30,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    EVENTS,
    st.lists(SECONDS, min_size=1, max_size=8),
    st.sampled_from([None, "id"]),
    st.sampled_from([None, 3 * S]),
    st.randoms(use_true_random=False),
)
def test_pushed_events_give_what_the_whole_table_gives(
    events: list[dict[str, Any]], moments: list[datetime], event_id: str | None, ttl: timedelta | None, order: Any
) -> None:
    """Events are pushed when they are recorded, or before; late, early, and again; and read between the pushes."""
    stream = view(event_id=event_id, ttl=ttl)
    for event in events:
        if event["id"] is not None:
            event["at"] = START + event["id"] * 3 * S
    events = sorted(events, key=lambda event: event["created"])
    waiting, raw, online = list(events), None, []
    for now in sorted(moments):
        due = [event for event in waiting if event["created"] <= now]
        ahead = [event for event in waiting if event["created"] > now][: order.randint(0, 2)]
        waiting = waiting[len(due) + len(ahead) :]
        entity = EntityTiles(stream, raw)
        cut = order.randint(0, len(due))
        for batch in (due[:cut], [*due[cut:], *ahead]):
            entity.add([arrived(stream, event) for event in batch], micros(now))
        raw = entity.encode()
        online.append((now, [plain(value) for value in window_values(EntityTiles(stream, raw), micros(now))]))
    asked = [pl.Series(["a"] * len(moments))], pl.Series(sorted(moments), dtype=MOMENT)
    offline = windows_as_of(stream, pl.DataFrame(events, schema=SCHEMA), *asked).rows()
    assert online == [(now, [plain(value) for value in row]) for now, row in zip(sorted(moments), offline, strict=True)]


def test_entity_without_events_has_what_no_events_give() -> None:
    for ttl in (None, S):
        stream = view(ttl=ttl)
        offline = windows_as_of(stream, pl.DataFrame(schema=SCHEMA), [pl.Series(["a"])], pl.Series([START]))
        assert values_without_events(stream) == list(offline.row(0)) == window_values(EntityTiles(stream), 0)
