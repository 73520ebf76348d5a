from __future__ import annotations

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
