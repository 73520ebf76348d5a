from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from millwright.core.errors import IntegrityError
from millwright.storage.backends.predictions.segment import predictions_to_bytes
from millwright.storage.backends.predictions.table import tables_from_bytes
from millwright.testing import sample


def test_numbers_too_large_for_an_integer_are_fractions():
    rows = [sample.prediction(features={"a": value}) for value in (2**63, 1)]
    (table,) = tables_from_bytes(predictions_to_bytes(rows), name="x")
    assert table.features["a"].to_list() == [2.0**63, 1.0]


def test_column_of_nulls_has_no_type():
    (table,) = tables_from_bytes(predictions_to_bytes([sample.prediction(features={"a": None})]), name="x")
    assert table.features.schema == {"a": pl.Null}


def test_number_that_is_none_in_json_is_read():
    rows = [sample.prediction(features={"a": value}) for value in (float("nan"), 1.5)]
    (table,) = tables_from_bytes(predictions_to_bytes(rows), name="x")
    assert table.features["a"].is_nan().to_list() == [True, False]


def test_damaged_segment_is_told_by_its_name():
    with pytest.raises(IntegrityError, match=r"x\.parquet"):
        list(tables_from_bytes(b"nothing", name="x.parquet"))


@pytest.mark.parametrize(
    ("early", "late", "told"),
    [
        (1, 2.5, [1.0, 2.5]),
        (2**63, 1, [2.0**63, 1.0]),
        (1, "a", ["1", "a"]),
        (True, 1, ["true", "1"]),
        ({"x": 1}, "a", ['{"x":1}', "a"]),
        ([1, 2], [0.5], [[1.0, 2.0], [0.5]]),
        ([1, 2], ["a"], ["[1,2]", '["a"]']),
        ([1, 2], 3, ["[1,2]", "3"]),
        ([], [0.5], [[], [0.5]]),
        (None, False, [None, False]),
        ("é", None, ["é", None]),
    ],
)
def test_type_of_texts_is_that_of_all_rows_however_far_they_are_apart(early: Any, late: Any, told: list[Any]):
    rows = [sample.prediction(features={"a": early}) for _ in range(3_000)]
    rows += [sample.prediction(features={"a": late, "b": 1}) for _ in range(3_000)]
    (table,) = tables_from_bytes(predictions_to_bytes(rows), name="x")
    values = table.features["a"].to_list()
    assert [values[0], values[2_999], values[3_000], values[-1]] == [told[0], told[0], told[1], told[1]]
    assert table.features["b"].to_list() == [None] * 3_000 + [1] * 3_000
