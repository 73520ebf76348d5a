from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from millwright.core.errors import InvalidInputError
from millwright.training.split import split_by_time, split_random

_ROWS = st.lists(st.tuples(st.none() | st.integers(0, 60), st.none() | st.integers(0, 12)), min_size=2, max_size=60)


def _frame(rows: list[tuple[int | None, int | None]]) -> pl.DataFrame:
    start = date(2025, 1, 1)
    return pl.DataFrame(
        {
            "row": range(len(rows)),
            "when": [None if day is None else start + timedelta(days=day) for day, _ in rows],
            "site": [site for _, site in rows],
        },
        schema={"row": pl.Int64, "when": pl.Date, "site": pl.Int64},
    )


@given(rows=_ROWS, test_size=st.floats(0.05, 0.95), grouped=st.booleans())
def test_no_training_row_is_later_than_a_test_row_and_no_group_straddles(
    rows: list[tuple[int | None, int | None]], test_size: float, *, grouped: bool
) -> None:
    frame = _frame(rows)
    try:
        parts = split_by_time(frame, time="when", test_size=test_size, group="site" if grouped else None)
    except InvalidInputError:
        assume(False)
        return

    assert parts.train.height > 0
    assert parts.test.height > 0
    assert parts.train.height + parts.test.height + parts.dropped == frame.height
    assert parts.train["when"].max() < parts.test["when"].min()  # type: ignore[operator]
    assert set(parts.train["row"]).isdisjoint(parts.test["row"])
    if grouped:
        assert set(parts.train["site"].drop_nulls()).isdisjoint(parts.test["site"].drop_nulls())


def test_split_by_time_has_the_asked_share_when_moments_allow_it() -> None:
    frame = pl.DataFrame({"t": list(range(100))})
    parts = split_by_time(frame, time="t", test_size=0.2)

    assert parts.test["t"].to_list() == list(range(80, 100))
    assert parts.dropped == 0


def test_equal_moments_stay_together() -> None:
    parts = split_by_time(pl.DataFrame({"t": [1] * 10 + [2] * 5}), time="t", test_size=0.1)

    assert (parts.train.height, parts.test.height) == (10, 5)


def test_earlier_rows_of_groups_that_have_test_rows_are_left_out_and_told() -> None:
    frame = pl.DataFrame({"t": [1, 2, 3, 4, 5, 6, 6, 7], "g": ["a", "a", "b", "a", "c", "b", "c", "d"]})
    parts = split_by_time(frame, time="t", test_size=0.5, group="g")

    assert parts.train["t"].to_list() == [1, 2, 4]
    assert parts.test["g"].to_list() == ["b", "c", "d"]
    assert parts.dropped == 2
    assert "2 earlier rows of groups that have test rows were left out" in parts.note


def test_rows_without_a_time_are_left_out_and_told() -> None:
    parts = split_by_time(pl.DataFrame({"t": [1.0, 2.0, None, float("nan")]}), time="t", test_size=0.5)

    assert parts.dropped == 2
    assert "2 rows without 't' were left out" in parts.note


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"time": "When"}, "no column 'When' in the table. Did you mean 'when'"),
        ({"time": "when", "group": "sit"}, "Did you mean 'site'"),
        ({"time": "when", "test_size": 1.0}, "test_size between 0 and 1, found 1.0"),
        ({"time": "text"}, "needs dates or numbers, found column 'text' of type String"),
        ({"time": "same"}, "cannot be split by 'same'"),
    ],
)
def test_split_by_time_says_what_is_wrong(arguments: dict[str, object], message: str) -> None:
    frame = _frame([(1, 1), (2, 2)]).with_columns(pl.lit("1/2/2025").alias("text"), pl.lit(5).alias("same"))

    with pytest.raises(InvalidInputError, match=message):
        split_by_time(frame, **arguments)  # type: ignore[arg-type]


@given(rows=st.integers(2, 200), test_size=st.floats(0.01, 0.99), seed=st.integers(0, 9))
def test_random_split_has_each_row_once_and_is_the_same_for_a_seed(rows: int, test_size: float, seed: int) -> None:
    frame = pl.DataFrame({"row": range(rows)})
    parts = split_random(frame, test_size=test_size, seed=seed)

    assert sorted([*parts.train["row"], *parts.test["row"]]) == list(range(rows))
    assert 1 <= parts.test.height < rows
    assert parts.test.equals(split_random(frame, test_size=test_size, seed=seed).test)


def test_random_split_keeps_class_shares() -> None:
    frame = pl.DataFrame({"y": ["a"] * 90 + ["b"] * 10 + ["c"]})
    parts = split_random(frame, test_size=0.2, target="y")

    assert parts.test["y"].value_counts().sort("y").rows() == [("a", 18), ("b", 2)]


@given(rows=_ROWS, test_size=st.floats(0.05, 0.95))
def test_random_split_keeps_groups_together(rows: list[tuple[int | None, int | None]], test_size: float) -> None:
    frame = _frame(rows)
    assume(frame["site"].null_count() > 1 or frame["site"].drop_nulls().n_unique() > 1)
    parts = split_random(frame, test_size=test_size, group="site")

    assert parts.train.height > 0
    assert parts.test.height > 0
    assert set(parts.train["site"].drop_nulls()).isdisjoint(parts.test["site"].drop_nulls())


def test_random_split_of_one_row_or_one_group_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="at least two rows, found 1"):
        split_random(pl.DataFrame({"x": [1]}))
    with pytest.raises(InvalidInputError, match="at least two groups"):
        split_random(pl.DataFrame({"x": [1, 1]}), group="x")
    with pytest.raises(InvalidInputError, match="both asked"):
        split_random(pl.DataFrame({"x": [1, 2]}), group="x", target="x")
