from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import polars as pl

from millwright.monitoring.label_time import nearest_after

START = datetime(2026, 1, 1, tzinfo=UTC)
MOMENT = pl.Datetime("us", "UTC")


def table(times: str, entries: list[tuple[str, float]]) -> pl.DataFrame:
    keys = [key for key, _ in entries]
    moments = pl.Series(times, [START + timedelta(hours=hours) for _, hours in entries], dtype=MOMENT)
    return pl.DataFrame({"key": keys}).with_columns(moments)


def labels(entries: list[tuple[str, float]]) -> pl.DataFrame:
    return table("observed_at", entries).with_row_index("row").cast({"row": pl.Int64})


def test_each_prediction_gets_the_nearest_label_of_its_key_at_or_after_it():
    told = labels([("a", 5), ("a", 2), ("b", 1)])
    asked = table("at", [("a", 1), ("a", 2), ("a", 3), ("a", 6), ("b", 2), ("c", 0)])
    found = nearest_after(told, asked, timedelta(hours=3))
    assert [(key, row) for key, row in found.select("key", "row").iter_rows()] == [("a", 1), ("a", 1), ("a", 0)]


def test_the_tolerance_is_inclusive():
    found = nearest_after(labels([("a", 3)]), table("at", [("a", 0), ("a", -1)]), timedelta(hours=3))
    assert found["at"].to_list() == [START]


def test_of_labels_of_one_time_the_last_row_counts():
    assert nearest_after(labels([("a", 1), ("a", 1)]), table("at", [("a", 0)]), timedelta(hours=3))[
        "row"
    ].to_list() == [1]


def test_the_join_is_that_of_pandas():
    generator = np.random.default_rng(0)

    def draw(rows: int) -> list[tuple[str, float]]:
        return [
            (f"k{key}", float(hours))
            for key, hours in zip(generator.integers(0, 20, rows), generator.permutation(rows), strict=True)
        ]

    told, asked = labels(draw(300)), table("at", draw(400))
    found = nearest_after(told, asked, timedelta(hours=24)).sort("at", "key")
    expected = pd.merge_asof(
        asked.sort("at").to_pandas(), told.sort("observed_at").to_pandas(), left_on="at", right_on="observed_at",
        by="key", direction="forward", tolerance=pd.Timedelta(hours=24),
    ).dropna(subset="row").sort_values(["at", "key"])  # fmt: skip
    assert found["row"].to_list() == expected["row"].astype(int).tolist()
    assert found["key"].to_list() == expected["key"].tolist()
