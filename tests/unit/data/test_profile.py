from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.data.profile import QUANTILES, ColumnProfile, ProfileKind, profile


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


@pytest.mark.parametrize(
    ("values", "summary"),
    [
        ([1, 2_000], "1 to 2,000, mean 1,000"),
        ([1.0, 0.5], "0.5 to 1, mean 0.75"),
        ([date(2024, 1, 1), date(2024, 2, 1)], "2024-01-01 to 2024-02-01"),
        (["a", "a", "a", "b", None], "a (75%), b (25%)"),
        (["a", "b", "c", "d"], "a (25%), b (25%), c (25%), …"),
        (["a"] * 999 + ["b"], "a (100%), b (<1%)"),
        ([1.5, 202_995_000.0], "1.5 to 202,995,000, mean 101,497,501"),
        ([True, False], "False (50%), True (50%)"),
        (["x" * 40], f"{'x' * 29}… (100%)"),
        ([f"id-{number}" for number in range(30)], "identifiers"),
        ([None, None], "no values"),
        ([[1]], ""),
    ],
)
def test_summary_says_the_values_in_a_few_words(values: list[Any], summary: str) -> None:
    assert column(values).summary() == summary


def test_profile_is_json_and_finds_columns() -> None:
    frame = pl.DataFrame({"a": [1.5, float("inf")], "t": [datetime(2024, 1, 1, tzinfo=UTC)] * 2, "c": ["x", None]})
    found = profile(frame)
    decoded = msgspec.json.decode(msgspec.json.encode(found))
    assert decoded["columns"][1]["minimum"] == "2024-01-01T00:00:00+00:00"
    assert found.column("c").nulls == 1
    with pytest.raises(KeyError):
        found.column("z")


def test_profile_of_a_table_without_rows_is_empty() -> None:
    found = profile(pl.DataFrame({"a": []}, schema={"a": pl.Int64}))
    assert (found.rows, found.columns[0].nulls, found.columns[0].summary()) == (0, 0, "no values")
