"""The point-in-time join against a naive oracle."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import example, given, settings

from millwright.data.features.as_of import ViewRows, as_of

START = datetime(2026, 1, 1, tzinfo=UTC)
MOMENT = pl.Datetime("us", "UTC")
HOUR = timedelta(hours=1)

KEYS = {
    "int": (pl.Int64(), st.integers(0, 2)),
    "text": (pl.String(), st.sampled_from(["a", "b", ""])),
    "date": (pl.Date(), st.sampled_from([date(2026, 1, 1), date(2026, 1, 2)])),
    "boolean": (pl.Boolean(), st.booleans()),
}


def moments(hours) -> pl.Series:
    return pl.Series([None if hour is None else START + hour * HOUR for hour in hours], dtype=MOMENT)


def known(hour, keys, rows, ttl) -> int | None:
    """The answer as the rule says it, read aloud."""
    best = None
    for place, (row_keys, timestamp, created) in enumerate(rows):
        if hour is None or None in keys or row_keys != keys or timestamp is None or timestamp > hour:
            continue
        if created is not ... and (created is None or created > hour):
            continue
        if ttl is not None and hour - timestamp > ttl:
            continue
        rank = (timestamp, 0 if created is ... else created, place)
        if best is None or rank >= best[0]:
            best = (rank, place)
    return None if best is None else best[1]


@st.composite
def cases(draw) -> object:
    kinds = draw(st.lists(st.sampled_from(sorted(KEYS)), max_size=3))
    key = st.tuples(*(st.one_of(KEYS[kind][1], st.none()) for kind in kinds))
    hour = st.one_of(st.integers(0, 8), st.none())
    created = draw(st.sampled_from([st.just(...), hour]))
    rows = draw(st.lists(st.tuples(key, hour, created), max_size=14))
    wanted = draw(st.lists(st.tuples(key, hour), max_size=8))
    has_created = created is hour
    return kinds, rows, wanted, has_created, draw(st.sampled_from([None, 1, 3]))


@settings(max_examples=400, deadline=None)
@given(cases())
@example(([], [((), 3, ...)], [((), 3), ((), 2)], False, None))
@example((["int"], [((0,), 1, 5), ((0,), 2, 3)], [((0,), 4), ((0,), 6)], True, None))
def test_join_finds_what_the_rule_says(case) -> None:
    kinds, rows, wanted, has_created, ttl = case
    rows = [(keys, timestamp, created if has_created else ...) for keys, timestamp, created in rows]
    view = ViewRows(
        keys=[pl.Series([row[0][at] for row in rows], dtype=KEYS[kind][0]) for at, kind in enumerate(kinds)],
        timestamp=moments(row[1] for row in rows),
        created=moments(row[2] for row in rows) if has_created else None,
        ttl=None if ttl is None else ttl * HOUR,
    )
    keys = [pl.Series([row[0][at] for row in wanted], dtype=KEYS[kind][0]) for at, kind in enumerate(kinds)]
    found = as_of(keys, moments(row[1] for row in wanted), view)
    assert found.dtype == pl.UInt32
    assert found.to_list() == [known(hour, key, rows, ttl) for key, hour in wanted]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 6), st.integers(-2, 6)), min_size=1, max_size=40),
    st.sampled_from([None, 2]),
)
def test_rows_recorded_late_are_passed_over_for_older_ones(rows, ttl) -> None:
    """Many rows for few keys, so that late rows hide one another in every way."""
    rows = [((key,), timestamp, timestamp + lag) for key, timestamp, lag in rows]
    wanted = [((key,), hour) for key in (0, 1) for hour in range(14)]
    view = ViewRows(
        keys=[pl.Series([row[0][0] for row in rows])],
        timestamp=moments(row[1] for row in rows),
        created=moments(row[2] for row in rows),
        ttl=None if ttl is None else ttl * HOUR,
    )
    found = as_of([pl.Series([key[0] for key, _ in wanted])], moments(hour for _, hour in wanted), view)
    assert found.to_list() == [known(hour, key, rows, ttl) for key, hour in wanted]


def test_row_exactly_as_old_as_the_ttl_counts() -> None:
    view = ViewRows(keys=[pl.Series(["a"])], timestamp=moments([0]), ttl=2 * HOUR)
    at = moments([2, 2])
    at[1] = at[1] + timedelta(microseconds=1)
    assert as_of([pl.Series(["a", "a"])], at, view).to_list() == [0, None]


@pytest.mark.parametrize("has_created", [False, True])
def test_join_of_many_rows_agrees_with_an_sql_engine(has_created) -> None:
    """DuckDB computes the rule by brute force: a join, a filter and the row of the highest rank."""
    duckdb = pytest.importorskip("duckdb")
    size = 20_000
    frame = pl.select(
        key=(pl.int_range(size) * 7919) % 300,
        timestamp=START + pl.duration(minutes=(pl.int_range(size) * 104_729) % 5_000),
        lag=pl.duration(minutes=((pl.int_range(size) * 15_485_863) % 400 - 200)),
    )
    events = frame.select("key", "timestamp", created=pl.col("timestamp") + pl.col("lag")).with_row_index("place")
    wanted = frame.select("key", at=pl.col("timestamp") + timedelta(minutes=30)).gather_every(7).with_row_index("row")
    wanted = wanted.with_columns((pl.col("key") * 13) % 310)
    created = "e.created" if has_created else "e.timestamp"
    expected = duckdb.sql(
        f"SELECT w.row, max_by(e.place, (e.timestamp, {created}, e.place)) AS place FROM wanted w LEFT JOIN events e"  # noqa: S608
        f" ON e.key = w.key AND e.timestamp <= w.at AND {created} <= w.at AND w.at - e.timestamp <= INTERVAL 9 HOUR"
        " GROUP BY w.row ORDER BY w.row"
    ).pl()
    view = ViewRows(
        keys=[events["key"]],
        timestamp=events["timestamp"].dt.cast_time_unit("us"),
        created=events["created"].dt.cast_time_unit("us") if has_created else None,
        ttl=9 * HOUR,
    )
    found = as_of([wanted["key"]], wanted["at"].dt.cast_time_unit("us"), view)
    assert found.cast(pl.UInt32).to_list() == expected["place"].to_list()
    assert 0 < found.null_count() < found.len()
