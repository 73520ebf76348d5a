"""Transformations as JSON values, and back."""

from __future__ import annotations

import json

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.features.transform import checked_transform, transform_code, transform_from, transform_values


def test_expressions_come_back_as_they_were() -> None:
    given = checked_transform([pl.col("a").rolling_mean(3).over("k").alias("m"), (pl.col("b") > 1).alias("big")], "v")
    values = json.loads(json.dumps(transform_values(given, "v", code="")))
    frame = pl.DataFrame({"a": [1.0, 2.0, 3.0], "b": [0, 1, 2], "k": [1, 1, 1]})
    assert frame.with_columns(*transform_from(values, "v")).equals(frame.with_columns(*given))


def test_sql_comes_back_and_a_function_does_not() -> None:
    assert transform_from(transform_values("SELECT 1", "v", code=""), "v") == "SELECT 1"
    assert transform_from(None, "v") is transform_values(None, "v", code="") is None
    with pytest.raises(InvalidInputError, match="Load the file"):
        transform_from(transform_values(lambda phases: phases, "v", code="x"), "v")


def test_pickled_code_in_stored_expressions_is_never_loaded() -> None:
    stored = json.loads(pl.col("a").map_batches(lambda x: x).meta.serialize(format="json"))
    with pytest.raises(InvalidInputError, match="cannot be read"):
        transform_from({"kind": "expressions", "expressions": [stored]}, "v")
    with pytest.raises(InvalidInputError, match="cannot be read"):
        transform_from({"kind": "expressions", "expressions": [{"Nonsense": 1}]}, "v")


def test_code_is_shown_for_people() -> None:
    assert transform_code(None) == ""
    assert transform_code("SELECT 1") == "SELECT 1"
    assert transform_code((pl.col("a"),)) == 'col("a")'
    assert transform_code(lambda phases: phases) == "lambda phases: phases"
