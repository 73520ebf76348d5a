from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import InvalidInputError
from millwright.data.features.point_in_time import Aggregate, AggregateKind, History, history_as_known

EVERYTHING = {kind.value: Aggregate(kind, "value") for kind in AggregateKind} | {
    "events": Aggregate(AggregateKind.COUNT)
}
HISTORY = History(entity=("entity", "part"), at="at", known_at="known_at", aggregates=EVERYTHING)
FIRST = date(2024, 1, 1)


def day(number: int | None) -> date | None:
    return None if number is None else FIRST + timedelta(days=number)


DAYS = st.none() | st.integers(0, 8)
ENTITIES = st.sampled_from(["a", "b", None])
ROWS = st.lists(st.tuples(ENTITIES, st.sampled_from([1, 2]), DAYS), max_size=12)
EVENTS = st.lists(st.tuples(ENTITIES, st.sampled_from([1, 2]), DAYS, st.none() | st.integers(-9, 9)), max_size=20)


def naive(row: tuple[Any, ...], events: list[Any]) -> dict[str, Any]:
    """The oracle: look at every event, in the order in which they became known."""
    entity, part, at = row
    mine = [] if entity is None or at is None else [e for e in events if e[0] == entity and e[1] == part]
    known = sorted((e for e in mine if e[2] is not None and e[2] < (at or 0)), key=lambda e: e[2])
    values = [e[3] for e in known if e[3] is not None]
    return {
        "events": len(known),
        "count": len(values),
        "sum": sum(values),
        "mean": sum(values) / len(values) if values else None,
        "min": min(values, default=None),
        "max": max(values, default=None),
        "last": values[-1] if values else None,
    }


@given(ROWS, EVENTS)
def test_history_is_what_looking_at_every_event_would_give(rows: list[Any], events: list[Any]) -> None:
    asked = pl.DataFrame(
        [(e, p, day(at)) for e, p, at in rows],
        schema={"entity": pl.String, "part": pl.Int64, "at": pl.Date},
        orient="row",
    )
    happened = pl.DataFrame(
        [(e, p, day(known), value) for e, p, known, value in events],
        schema={"entity": pl.String, "part": pl.Int64, "known_at": pl.Date, "value": pl.Int64},
        orient="row",
    )
    found = history_as_known(asked, happened, HISTORY)
    assert found.select(asked.columns).equals(asked)
    for row, answer in zip(rows, found.select(list(EVERYTHING)).iter_rows(named=True), strict=True):
        assert answer == naive(row, events)


@given(ROWS, EVENTS, st.integers(0, 8))
def test_history_does_not_change_with_what_becomes_known_later(rows: list[Any], events: list[Any], now: int) -> None:
    schema = {"entity": pl.String, "part": pl.Int64, "known_at": pl.Int64, "value": pl.Int64}
    asked = pl.DataFrame(
        [(e, p, min(at, now)) for e, p, at in rows if at is not None],
        schema={"entity": pl.String, "part": pl.Int64, "at": pl.Int64},
        orient="row",
    )
    happened = pl.DataFrame(events, schema=schema, orient="row")
    with_future = history_as_known(asked, happened, HISTORY)
    assert history_as_known(asked, happened.filter(pl.col("known_at") < now), HISTORY).equals(with_future)


def test_history_of_booleans_and_floats_is_counted() -> None:
    events = pl.DataFrame({"e": ["a"] * 3, "t": [1, 2, 3], "late": [True, False, None], "cost": [0.5, None, 0.25]})
    history = History(
        entity=("e",),
        at="t",
        known_at="t",
        aggregates={
            "late": Aggregate(AggregateKind.SUM, "late"),
            "late_share": Aggregate(AggregateKind.MEAN, "late"),
            "cost": Aggregate(AggregateKind.SUM, "cost"),
            "last_cost": Aggregate(AggregateKind.LAST, "cost"),
        },
    )
    rows = pl.DataFrame({"e": ["a", "a", "z"], "t": [4, 1, 4]})
    assert history_as_known(rows, events, history).rows() == [
        ("a", 4, 1, 0.5, 0.75, 0.25),
        ("a", 1, 0, None, 0.0, None),
        ("z", 4, 0, None, 0.0, None),
    ]


def test_history_takes_times_as_well_as_days() -> None:
    noon = datetime(2024, 1, 1, 12)  # noqa: DTZ001 - naive on purpose
    events = pl.DataFrame({"e": ["a", "a"], "t": [noon, noon + timedelta(microseconds=1)]})
    history = History(entity=("e",), at="t", known_at="t", aggregates={"n": Aggregate(AggregateKind.COUNT)})
    assert history_as_known(events, events, history)["n"].to_list() == [0, 1]


def test_history_mean_of_many_floats_is_the_mean() -> None:
    values = [math.sin(number) * 1e6 for number in range(1000)]
    events = pl.DataFrame({"e": ["a"] * 1000, "t": range(1000), "v": values})
    history = History(entity=("e",), at="t", known_at="t", aggregates={"m": Aggregate(AggregateKind.MEAN, "v")})
    found = history_as_known(pl.DataFrame({"e": ["a"], "t": [1000]}), events, history)["m"][0]
    assert found == pytest.approx(math.fsum(values) / 1000)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"entity": ("entities",)}, "The rows have no column 'entities'. Did you mean 'entity'"),
        ({"known_at": "known"}, "The events have no column 'known'. Did you mean 'known_at'"),
        ({"aggregates": {"x": Aggregate(AggregateKind.SUM, "values")}}, "The events have no column 'values'"),
        ({"aggregates": {"x": Aggregate(AggregateKind.SUM)}}, "Expected a column for the aggregate 'x'"),
        ({"aggregates": {"at": Aggregate(AggregateKind.COUNT)}}, "have a column 'at' already"),
        ({"at": "moment"}, "Expected moments of one type, found Datetime.* in 'moment' and Date in 'known_at'"),
    ],
)
def test_history_that_cannot_be_taken_is_refused(change: dict[str, Any], message: str) -> None:
    rows = pl.DataFrame({"entity": ["a"], "at": [FIRST]}).with_columns(moment=pl.col("at").cast(pl.Datetime("us")))
    events = pl.DataFrame({"entity": ["a"], "known_at": [FIRST], "value": [1]})
    options: dict[str, Any] = {"entity": ("entity",), "at": "at", "known_at": "known_at", "aggregates": {}}
    with pytest.raises(InvalidInputError, match=message):
        history_as_known(rows, events, History(**{**options, **change}))
