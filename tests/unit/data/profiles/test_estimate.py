from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from millwright.data.profiles import ProfileKind, TableProfile, merge, profile, profile_of, summarize

ROWS = st.fixed_dictionaries(
    {
        "n": st.floats(-1e9, 1e9) | st.none() | st.just(float("nan")),
        "i": st.integers(-(2**40), 2**40) | st.none(),
        "c": st.sampled_from(["red", "green", "", "a longer text of several words"]) | st.none(),
        "d": st.dates() | st.none(),
        "f": st.booleans() | st.none(),
    }
)
SCHEMA = {"n": pl.Float64, "i": pl.Int64, "c": pl.String, "d": pl.Date, "f": pl.Boolean}


def near(found: float | None, expected: float | None) -> bool:
    if found is None or expected is None:
        return found is expected
    return bool(np.isclose(found, expected, rtol=1e-6, atol=1e-2))


@settings(max_examples=25)
@given(st.lists(st.lists(ROWS, max_size=30), min_size=1, max_size=4))
def test_merged_batches_of_a_small_table_give_its_exact_profile(batches: list[list[dict[str, object]]]) -> None:
    frames = [pl.DataFrame(batch, schema=SCHEMA) for batch in batches]
    merged = summarize(frames[0])
    for frame in frames[1:]:
        merged = merge(merged, summarize(frame))
    found, exact = profile_of(merged), profile(pl.concat(frames))
    assert found.rows == exact.rows
    for one, expected in zip(found.columns, exact.columns, strict=True):
        for name in ("kind", "nulls", "distinct", "minimum", "maximum", "constant", "id_like", "personal"):
            assert getattr(one, name) == getattr(expected, name)
        assert near(one.mean, expected.mean)
        assert near(one.deviation, expected.deviation)
        assert {(top.value, top.count) for top in one.top} == {(top.value, top.count) for top in expected.top}
        assert (one.histogram is None) == (expected.histogram is None)
        if one.lengths and expected.lengths:
            assert (one.lengths.minimum, one.lengths.maximum) == (expected.lengths.minimum, expected.lengths.maximum)
            assert one.lengths.mean == pytest.approx(expected.lengths.mean)


def large(rows: int) -> pl.DataFrame:
    random = np.random.default_rng(4)
    return pl.DataFrame(
        {
            "n": random.normal(size=rows),
            "i": random.integers(0, 10**9, rows),
            "small": random.integers(0, 30, rows),
            "c": random.choice(["x", "y", "z"], rows, p=[0.7, 0.2, 0.1]),
            "t": [f"word {number}" for number in random.integers(0, 3_000, rows)],
            "id": [f"id-{number}" for number in range(rows)],
            "d": [date(2020, 1, 1) + timedelta(days=int(day)) for day in random.integers(0, 900, rows)],
        }
    )


@pytest.fixture(scope="module")
def exact() -> TableProfile:
    return profile(large(60_000))


@pytest.mark.parametrize("batches", [1, 2, 11])
def test_estimates_of_a_large_table_are_within_the_errors_that_it_states(exact: TableProfile, batches: int) -> None:
    frame = large(60_000)
    size = -(-frame.height // batches)
    parts = [summarize(frame[at : at + size]) for at in range(0, frame.height, size)]
    merged = parts[-1]
    for part in reversed(parts[:-1]):
        merged = merge(merged, part)
    found = profile_of(merged)
    assert (found.is_exact, 0 < found.rank_error < 0.014, 0 < found.distinct_error <= 0.05) == (False, True, True)
    for one, expected in zip(found.columns, exact.columns, strict=True):
        assert (one.kind, one.minimum, one.maximum) == (expected.kind, expected.minimum, expected.maximum)
        assert abs(one.distinct - expected.distinct) <= found.distinct_error * expected.distinct
        assert (one.id_like, one.semantic, one.high_cardinality) == (
            expected.id_like, expected.semantic, expected.high_cardinality
        )  # fmt: skip
        if one.histogram and expected.histogram:
            assert one.histogram.edges == pytest.approx(expected.histogram.edges)
            off = np.abs(np.cumsum(one.histogram.counts) - np.cumsum(expected.histogram.counts)).max()
            assert off <= 2 * found.rank_error * found.rows
    for name in ("n", "i", "small"):
        ordered = frame[name].sort().cast(pl.Float64).to_numpy()
        for share, value in found.column(name).quantiles.items():
            lowest, highest = (np.searchsorted(ordered, value, side) / found.rows for side in ("left", "right"))
            assert lowest - 2 * found.rank_error <= float(share) <= highest + 2 * found.rank_error
    assert found.column("c").top == exact.column("c").top
    assert found.column("small").top == exact.column("small").top
    assert found.column("i").top == ()
    assert found.column("t").kind is ProfileKind.TEXT


def test_table_without_rows_has_an_empty_profile() -> None:
    found = profile_of(summarize(pl.DataFrame(schema=SCHEMA)))
    assert [one.summary() for one in found.columns] == ["no values"] * 5
    assert (found.rows, found.distinct_error) == (0, 0)


def test_infinite_numbers_leave_mean_and_bounds_out_as_in_the_exact_profile() -> None:
    frame = pl.DataFrame({"a": [1.0, float("inf")]})
    found, expected = profile_of(summarize(frame)).columns[0], profile(frame).columns[0]
    assert (found.minimum, found.maximum, found.mean) == (expected.minimum, expected.maximum, expected.mean)
    assert found.histogram == expected.histogram
