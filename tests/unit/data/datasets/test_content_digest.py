from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.data.datasets.content_digest import content_digest
from millwright.data.datasets.normal_form import to_normal_form

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "i": st.none() | st.integers(-(2**63), 2**63 - 1),
            "f": st.none() | st.floats(),
            "s": st.none() | st.text(max_size=4),
            "b": st.none() | st.booleans(),
            "d": st.none() | st.dates(),
            "l": st.none() | st.lists(st.none() | st.text(max_size=2), max_size=3),
        }
    ),
    max_size=12,
)
SCHEMA: dict[str, Any] = {
    "i": pl.Int64,
    "f": pl.Float64,
    "s": pl.String,
    "b": pl.Boolean,
    "d": pl.Date,
    "l": pl.List(pl.String),
}


def table(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA)


@given(ROWS, st.integers(0, 12))
def test_digest_is_independent_of_chunks_and_file_format(rows: list[dict[str, Any]], cut: int) -> None:
    whole = table(rows)
    expected = content_digest(whole)
    assert content_digest(pl.concat([whole[:cut], whole[cut:]], rechunk=False)) == expected
    file = io.BytesIO()
    whole.write_parquet(file)
    assert content_digest(pl.read_parquet(file.getvalue())) == expected


@given(ROWS, ROWS)
def test_digest_is_equal_exactly_for_equal_tables(left: list[dict[str, Any]], right: list[dict[str, Any]]) -> None:
    equal = table(left).equals(table(right))
    assert (content_digest(table(left)) == content_digest(table(right))) is equal


@given(ROWS.filter(lambda rows: len(rows) > 1))
def test_digest_changes_with_the_order_of_rows(rows: list[dict[str, Any]]) -> None:
    forward = table(rows)
    backward = to_normal_form(forward.reverse())  # Polars forgets the inner type of lists that are all null
    assert (content_digest(forward) == content_digest(backward)) is forward.equals(backward)


def test_digest_changes_with_names_types_and_order_of_columns() -> None:
    base = pl.DataFrame({"a": [1], "b": [1]})
    others = [
        base.rename({"a": "c"}),
        base.select("b", "a"),
        base.with_columns(pl.col("a").cast(pl.Int32)),
        pl.DataFrame({"a": [1, 1], "b": [1, 1]}),
        base.clear(),
        base.with_columns(pl.lit(None, dtype=pl.Int64).alias("b")),
    ]
    assert len({content_digest(frame) for frame in [base, *others]}) == len(others) + 1


def test_digest_takes_every_nan_and_both_zeros_as_one() -> None:
    negative_nan = pl.Series([0xFFF8_0000_0000_0001], dtype=pl.UInt64).reinterpret(signed=True).to_numpy().view("f8")
    left = pl.DataFrame({"a": [float("nan"), -0.0]})
    right = pl.DataFrame({"a": [float(negative_nan[0]), 0.0]})
    assert content_digest(left) == content_digest(right)


def test_digest_is_the_one_recorded_for_every_type() -> None:
    # Written down: a digest in a record must mean the same for as long as the record lives.
    frame = pl.DataFrame(
        {
            "i": pl.Series([1, None, -3], dtype=pl.Int32),
            "f": [0.5, float("nan"), None],
            "s": ["", None, "né"],
            "b": [True, None, False],
            "d": [date(2024, 2, 29), None, date(1969, 12, 31)],
            "t": pl.Series([datetime(2024, 1, 1, tzinfo=UTC), None, None], dtype=pl.Datetime("us", "UTC")),
            "m": pl.Series([Decimal("1.20"), None, Decimal("-3.00")], dtype=pl.Decimal(10, 2)),
            "x": [b"\0", None, b""],
            "l": [["a", None], None, []],
            "r": [{"u": 1, "v": ["w"]}, None, {"u": None, "v": None}],
        }
    )
    assert content_digest(frame) == "26024bf334eeb93b9da78af99bbe5e0fe1b72eb31997e315ff5adb8f3e5ca4e1"


def test_digest_of_a_type_outside_the_normal_form_is_refused() -> None:
    with pytest.raises(TypeError, match="normal form"):
        content_digest(pl.DataFrame({"a": pl.Series(["x"], dtype=pl.Categorical)}))
