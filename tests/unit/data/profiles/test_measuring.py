from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.data.profiles import QUANTILES, ColumnProfile, ProfileKind, profile

if TYPE_CHECKING:
    from collections.abc import Iterator


def column(values: Any, **options: Any) -> ColumnProfile:
    return profile(pl.DataFrame({"a": pl.Series(values, **options)})).columns[0]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, None], ProfileKind.INTEGER),
        ([1.5], ProfileKind.NUMBER),
        ([Decimal("1.5")], ProfileKind.NUMBER),
        ([True], ProfileKind.BOOLEAN),
        ([date(2024, 1, 1)], ProfileKind.DATE),
        ([datetime(2024, 1, 1, tzinfo=UTC)], ProfileKind.DATETIME),
        (["a"], ProfileKind.CATEGORY),
        ([f"text {number % 60}" for number in range(120)], ProfileKind.TEXT),
        ([[1]], ProfileKind.OTHER),
        ([b"x"], ProfileKind.OTHER),
        ([None], ProfileKind.OTHER),
    ],
)
def test_column_is_of_the_kind_its_values_are(values: list[Any], kind: ProfileKind) -> None:
    assert column(values).kind is kind


@given(st.lists(st.floats(-1e9, 1e9) | st.just(float("nan")) | st.none(), max_size=40))
def test_numbers_are_measured_as_numpy_does(values: list[float | None]) -> None:
    found = column(values, dtype=pl.Float64)
    present = np.array([value for value in values if value is not None and value == value])  # noqa: PLR0124 - not NaN
    assert (found.rows, found.nulls) == (len(values), len(values) - len(present))
    if not len(present):
        assert (found.minimum, found.mean, found.quantiles, found.distinct) == (None, None, {}, 0)
        return
    assert found.distinct == len(np.unique(present))
    assert (found.minimum, found.maximum) == (present.min(), present.max())
    assert found.mean == pytest.approx(present.mean(), abs=1e-6)
    expected = np.quantile(present, QUANTILES)
    assert [found.quantiles[str(q)] for q in QUANTILES] == pytest.approx(expected, abs=1e-6)
    if len(present) > 1:
        assert found.deviation == pytest.approx(present.std(ddof=1), abs=1e-5)


def test_infinite_numbers_stay_out_of_what_json_cannot_hold() -> None:
    found = column([1.0, 2.0, float("inf")])
    assert (found.minimum, found.maximum, found.mean) == (1.0, None, None)
    assert found.quantiles["0.5"] == 1.5


def test_frequent_values_come_first_and_ties_in_order() -> None:
    found = column(["b", "a", "c", "c", None])
    assert [(one.value, one.count) for one in found.top] == [("c", 2), ("a", 1), ("b", 1)]
    assert len(column([f"{number % 40:02}" for number in range(400)]).top) == 10
    assert [one.value for one in column([date(2024, 1, 1)] * 2).top] == ["2024-01-01"]


def test_flags_tell_constants_identifiers_and_many_words() -> None:
    assert column(["x", "x", None]).constant
    assert column(list(range(30))).id_like
    assert column([f"id-{number}" for number in range(30)]).id_like
    assert not column([float(number) for number in range(30)]).id_like
    assert not column(list(range(10))).id_like
    words = column([f"word {number % 60}" for number in range(600)])
    assert (words.high_cardinality, words.id_like, words.constant) == (True, False, False)
    assert column([f"secret {number}" for number in range(99)]).top == ()


def test_profile_of_a_table_without_rows_is_empty() -> None:
    found = profile(pl.DataFrame({"a": []}, schema={"a": pl.Int64}))
    assert (found.rows, found.columns[0].nulls, found.columns[0].summary()) == (0, 0, "no values")


@given(st.lists(st.integers(-1000, 1000) | st.integers(-(2**40), 2**40), min_size=1, max_size=50))
def test_histogram_counts_as_numpy_does(values: list[int]) -> None:
    found = column(values, dtype=pl.Int64).histogram
    assert found is not None
    counts, edges = np.histogram(np.array(values, dtype=np.int64).astype(float), bins=20)
    assert found.edges == pytest.approx(edges.tolist())
    assert found.counts == tuple(np.histogram(np.array(values).astype(float), bins=np.array(found.edges))[0].tolist())
    assert sum(found.counts) == len(values) == sum(counts)


def test_histogram_of_days_has_its_edges_in_seconds() -> None:
    found = column([date(1970, 1, 1), date(1970, 1, 21)]).histogram
    assert found is not None
    assert (found.edges[0], found.edges[-1], found.counts[0], found.counts[-1]) == (0, 20 * 86_400, 1, 1)
    moments = column([datetime(1970, 1, 1, tzinfo=UTC)] * 2).histogram
    assert moments is not None
    assert sum(moments.counts) == 2


def test_histogram_is_absent_where_there_is_nothing_to_measure() -> None:
    assert column(["a"]).histogram is None
    assert column([float("inf")] * 2).histogram is None
    assert column([-1.7e308, 1.7e308]).histogram is None
    assert column([1e300, 1e300]).histogram is None
    assert column([2**60, 2**60 + 1]).histogram is None


@given(st.lists(st.text(max_size=12), min_size=1, max_size=40))
def test_lengths_of_texts_are_counted_in_characters(values: list[str]) -> None:
    found = column(values).lengths
    lengths = [len(value) for value in values]
    assert found is not None
    assert (found.minimum, found.maximum) == (min(lengths), max(lengths))
    assert found.mean == pytest.approx(np.mean(lengths))
    assert [found.quantiles[str(q)] for q in QUANTILES] == pytest.approx(np.quantile(lengths, QUANTILES))


@given(st.lists(st.sampled_from("abcdefghijklmnop"), min_size=1, max_size=60))
def test_top_values_are_those_of_a_full_count(values: list[str]) -> None:
    counted = sorted({value: values.count(value) for value in values}.items(), key=lambda item: (-item[1], item[0]))
    assert [(one.value, one.count) for one in column(values).top] == counted[:10]


def test_each_column_is_told_to_the_progress() -> None:
    seen: list[int] = []

    class Task:
        def advance(self, amount: int = 1, *, note: str = "") -> None:
            assert not note
            seen.append(amount)

    class Shown:
        @contextmanager
        def task(self, label: str, *, total: int | None = None) -> Iterator[Task]:
            assert (label, total) == ("Profiling", 2)
            yield Task()

        def say(self, message: str) -> None:
            raise AssertionError(message)

    profile(pl.DataFrame({"a": [1], "b": ["x"]}), progress=Shown())
    assert seen == [1, 1]


def test_correlations_leave_out_identifiers_in_text_and_can_be_left_out() -> None:
    frame = pl.DataFrame(
        {"n": range(40), "m": [number * 2.0 for number in range(40)], "c": ["x", "y"] * 20,
         "id": [f"{n:03}" for n in range(40)]}
    )  # fmt: skip
    found = profile(frame)
    assert {one.measure for one in found.correlations} == {"pearson", "spearman", "correlation_ratio"}
    assert (found.correlated_rows, found.is_exact) == (40, True)
    assert profile(frame, correlations=False).correlations == ()
