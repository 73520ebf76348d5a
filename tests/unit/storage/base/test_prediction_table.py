from __future__ import annotations

import polars as pl

from millwright.storage.base.prediction_table import PredictionTable

TABLE = PredictionTable(
    endpoint="delay",
    model="m",
    version=1,
    rows=pl.DataFrame({"id": ["a", "b", "c"]}),
    features=pl.DataFrame({"x": [1, 2, 3]}),
    outputs=pl.DataFrame(),
)


def test_length_is_that_of_the_rows():
    assert len(TABLE) == 3


def test_filter_keeps_rows_of_all_sides():
    found = TABLE.filter(pl.Series([True, False, True]))
    assert found.rows["id"].to_list() == ["a", "c"]
    assert found.features["x"].to_list() == [1, 3]
    assert found.outputs.width == 0
    assert (found.endpoint, found.model, found.version) == ("delay", "m", 1)


def test_filter_of_all_rows_is_the_table():
    assert TABLE.filter(pl.Series([True] * 3)) is TABLE
