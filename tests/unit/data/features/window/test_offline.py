"""Windows at many moments, against a naive oracle."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from millwright.data.features.entity import Entity
from millwright.data.features.stream_view import StreamFeatureView, Window, WindowKind
from millwright.data.features.window.offline import windows_as_of

START = datetime(2026, 3, 1, tzinfo=UTC)
MOMENT = pl.Datetime("us", "UTC")
S, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SCHEMA = {"site": pl.String, "at": MOMENT, "created": MOMENT, "id": pl.Int64, "x": pl.Float64, "who": pl.String}


def windows() -> list[Window]:
    spans = [(5 * S, S), (10 * S, 5 * S), (7 * S, timedelta(microseconds=1))]
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


def naive(stream: StreamFeatureView, events: list[dict[str, Any]], site: str | None, at: datetime | None) -> list[Any]:
    """What the definition says, word for word."""
    counted: list[dict[str, Any]] = []
    seen = set()
    for event in sorted(
        (each for each in events if None not in (each["site"], each["at"], each["created"])),
        key=lambda each: each["created"],
    ):
        if stream.event_id and event["id"] is not None:
            if (event["site"], event["id"]) in seen:
                continue
            seen.add((event["site"], event["id"]))
        counted.append(event)
    place = {id(event): number for number, event in enumerate(events)}
    known = [] if at is None else [e for e in counted if e["site"] == site and e["at"] <= at and e["created"] <= at]
    known.sort(key=lambda event: (event["at"], event["created"], place[id(event)]))
    if stream.ttl is not None and (at is None or not known or at - known[-1]["at"] > stream.ttl):
        return [None] * len(stream.windows)
    return [_naive_value(window, known, at) for window in stream.windows]


def _naive_value(window: Window, known: list[dict[str, Any]], at: datetime | None) -> Any:
    assert window.hop is not None
    covered = []
    if at is not None:
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        first = epoch + (at - epoch) // window.hop * window.hop + window.hop - window.over
        covered = [event for event in known if event["at"] >= first]
    values = [1 if window.column is None else event[window.column] for event in covered]
    values = [value for value in values if value is not None]
    match window.kind:
        case WindowKind.COUNT:
            return len(values)
        case WindowKind.SUM:
            return sum(values, 0.0)
        case WindowKind.MEAN:
            return sum(values) / len(values) if values else None
        case WindowKind.DISTINCT:
            return len({str(value) if isinstance(value, float) and math.isnan(value) else value for value in values})
        case WindowKind.LAST:
            return values[-window.n :][::-1] if window.n > 1 else (values[-1] if values else None)


def plain(value: Any) -> Any:
    """NaN as what equals itself."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    return "nan" if isinstance(value, float) and math.isnan(value) else value


SITES = st.sampled_from(["a", "b", "c"])
SECONDS = st.integers(0, 40).map(lambda half: START + half * S / 2)
# Sums of such numbers are exact in any order.
NUMBERS = st.none() | st.sampled_from([0.0, -0.0, 1.5, -2.25, 1024.0, math.nan])
EVENTS = st.lists(
    st.fixed_dictionaries(
        {
            "site": st.none() | SITES, "at": st.none() | SECONDS, "created": st.none() | SECONDS,
            "id": st.none() | st.integers(0, 6), "x": NUMBERS, "who": st.sampled_from([None, "", "é", "z"]),
        }
    ),
    max_size=25,
)  # fmt: skip
ASKED = st.lists(st.tuples(st.none() | SITES, st.none() | SECONDS), max_size=12)


@settings(max_examples=150, deadline=None)
@given(EVENTS, ASKED, st.sampled_from([None, "id"]), st.sampled_from([None, 3 * S]))
def test_windows_are_what_the_definition_says(
    events: list[dict[str, Any]], asked: list[tuple[Any, Any]], event_id: str | None, ttl: timedelta | None
) -> None:
    stream = view(event_id=event_id, ttl=ttl)
    table = pl.DataFrame(events, schema=SCHEMA)
    keys = pl.Series([site for site, _ in asked], dtype=pl.String)
    found = windows_as_of(stream, table, [keys], pl.Series([at for _, at in asked], dtype=MOMENT))
    assert dict(found.schema) == {feature.name: feature.polars_type for feature in stream.features}
    assert found.height == len(asked)
    for row, (site, at) in zip(found.rows(), asked, strict=True):
        assert list(map(plain, row)) == list(map(plain, naive(stream, events, site, at)))


def test_event_recorded_later_counts_only_from_then_on() -> None:
    table = pl.DataFrame({"site": ["a"], "at": [START], "created": [START + 2 * S]})
    stream = view(windows=[Window("n", over=10 * S, hop=S)])
    at = pl.Series([START + S, START + 2 * S], dtype=MOMENT)
    assert windows_as_of(stream, table, [pl.Series(["a", "a"])], at)["n"].to_list() == [0, 1]
    never = view(windows=[Window("n", over=10 * S, hop=S)], created="")
    assert windows_as_of(never, table, [pl.Series(["a", "a"])], at)["n"].to_list() == [1, 1]


def test_view_of_nobody_counts_all_events() -> None:
    table = pl.DataFrame({"at": [START, START + S], "x": [1.0, 2.0]})
    stream = view(entities=[], windows=[Window("total", "x", "sum", over=HOUR)])
    assert windows_as_of(stream, table, [], pl.Series([START, START + S]))["total"].to_list() == [1.0, 3.0]


@pytest.mark.parametrize(
    ("over", "hop"),
    [
        (30 * DAY, DAY), (45 * DAY, DAY), (30.5 * DAY, HOUR), (DAY, HOUR), (HOUR, MINUTE), (90 * MINUTE, MINUTE),
        (10 * S, S), (1.5 * S, timedelta(microseconds=1)),
    ],
)  # fmt: skip
def test_default_hop_follows_from_the_length(over: timedelta, hop: timedelta) -> None:
    assert Window("n", over=over).hop == hop


def test_parts_give_what_the_whole_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    table = pl.DataFrame({"site": ["a", "b"] * 50, "at": [START + number * S for number in range(100)]})
    stream = view(windows=[Window("n", over=20 * S, hop=S)])
    keys, at = pl.Series(["a", "b"] * 40), pl.Series([START + number * S for number in range(80)])
    whole = windows_as_of(stream, table, [keys], at)
    monkeypatch.setattr("millwright.data.features.window.offline._PAIRS_AT_ONCE", 15)
    assert windows_as_of(stream, table, [keys], at).equals(whole)
    assert whole["n"].max() == 10
