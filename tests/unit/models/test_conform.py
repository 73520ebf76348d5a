# ruff: noqa: DTZ001 - naive on purpose
from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.models.conform import conform
from millwright.models.rules import InputRules, ruled
from millwright.models.signature import Signature
from millwright.models.task import Task


def _signature(frame: pl.DataFrame) -> Signature:
    return Signature.infer(frame, pl.Series("y", [0.0] * frame.height), Task.REGRESSION)


def test_conform_orders_columns_and_ignores_others(frame: pl.DataFrame, signature: Signature) -> None:
    shuffled = frame.select(reversed(frame.columns)).with_columns(late=True)

    assert conform(shuffled, signature).columns == frame.columns


def test_conform_fills_in_a_column_that_may_be_absent(frame: pl.DataFrame, signature: Signature) -> None:
    typed = conform(frame.drop("amount of $"), signature)

    assert typed["amount of $"].null_count() == frame.height
    assert typed["amount of $"].dtype == pl.Float64


def test_conform_names_every_problem_at_once(frame: pl.DataFrame, signature: Signature) -> None:
    wrong = frame.drop("note").with_columns(pl.lit("12").alias("floors.count"), pl.lit(1).alias("is 'big'"))

    with pytest.raises(InvalidInputError) as caught:
        conform(wrong, signature)

    assert caught.value.details["problems"] == [
        "'floors.count' should hold an integer, found String",
        "'is 'big'' should hold true or false, found Int32",
        "'note' is missing",
    ]


def test_conform_takes_nan_and_infinity_as_null_and_integers_as_categories() -> None:
    signature = _signature(pl.DataFrame({"n": [1.0, 2.0], "c": ["7", "8"]}))
    typed = conform(pl.DataFrame({"n": [float("nan"), 3.0, float("-inf")], "c": [7, 9, None]}), signature)

    assert typed["n"].to_list() == [None, 3.0, None]
    assert typed["c"].to_list() == ["7", "9", None]


@pytest.mark.parametrize(
    "column",
    [
        pl.Series(["2026-01-31T12:00:00Z", None]),
        pl.Series([datetime(2026, 1, 31, 12), None]),
        pl.Series([datetime(2026, 1, 31, 12), None]).dt.replace_time_zone("UTC").dt.convert_time_zone("Asia/Tokyo"),
    ],
    ids=["text", "naive", "zoned"],
)
def test_conform_brings_dates_to_utc_from_text_naive_and_zoned_columns(column: pl.Series) -> None:
    signature = _signature(pl.DataFrame({"when": [datetime(2026, 1, 1)]}))

    assert conform(pl.DataFrame({"when": column}), signature)["when"].to_list() == [datetime(2026, 1, 31, 12), None]


def test_conform_refuses_text_that_is_no_date() -> None:
    signature = _signature(pl.DataFrame({"when": [datetime(2026, 1, 1)]}))

    with pytest.raises(InvalidInputError, match="'when' should hold a date as ISO 8601 text, found String"):
        conform(pl.DataFrame({"when": ["31/01/2026"]}), signature)


def test_conform_accepts_a_table_without_rows(frame: pl.DataFrame, signature: Signature) -> None:
    assert conform(frame.clear(), signature).height == 0


def test_column_that_is_absent_is_its_default() -> None:
    signature = ruled(
        Signature.infer(pl.DataFrame({"a": [1.0], "b": [date(2024, 1, 1)]}), pl.Series("y", [1.0]), Task.REGRESSION),
        InputRules(optional=("a", "b"), defaults={"a": 2, "b": "2024-05-01"}),
    )

    typed = conform(pl.DataFrame({"x": [1, 2]}), signature)

    assert typed["a"].to_list() == [2.0, 2.0]
    assert typed["b"].to_list() == [datetime(2024, 5, 1)] * 2
