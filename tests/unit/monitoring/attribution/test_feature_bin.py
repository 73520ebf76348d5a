from __future__ import annotations

import numpy as np
import polars as pl

from millwright.models.column import ColumnType
from millwright.monitoring.attribution.feature_bin import cut_feature
from millwright.monitoring.monitored_column import MonitoredColumn


def test_numbers_are_cut_at_the_fifths_of_the_reference():
    column = MonitoredColumn("days", ColumnType.NUMBER)
    bins = cut_feature(column, pl.Series([*map(float, range(100)), None]), pl.Series([-5.0, 20.0, 20.5, 1e9, None]))
    assert bins.labels == ("≤ 20", "(20, 40]", "(40, 60]", "(60, 80]", "> 80", "<missing>")
    assert bins.current.tolist() == [0, 0, 1, 4, 5]
    assert np.bincount(bins.reference).tolist() == [21, 20, 20, 20, 19, 1]


def test_number_that_is_the_same_everywhere_is_cut_at_itself():
    column = MonitoredColumn("days", ColumnType.NUMBER)
    bins = cut_feature(column, pl.Series([7.0] * 9), pl.Series([6.0, 7.0, 8.0]))
    assert bins.labels == ("≤ 7", "> 7", "<missing>")
    assert bins.current.tolist() == [0, 0, 1]


def test_numbers_without_a_reference_are_one_part():
    bins = cut_feature(
        MonitoredColumn("days", ColumnType.NUMBER), pl.Series([None], dtype=pl.Float64), pl.Series([1.0])
    )
    assert bins.labels == ("<any value>", "<missing>")


def test_categories_are_the_frequent_ones_and_the_rest():
    column = MonitoredColumn("phase", ColumnType.CATEGORY)
    reference = pl.Series([f"p{number:02}" for number in range(14) for _ in range(20 - number)])
    bins = cut_feature(column, reference, pl.Series(["p00", "p13", "unseen", None]))
    assert bins.labels == (*(f"p{number:02}" for number in range(12)), "<other>", "<new>", "<missing>")
    assert bins.current.tolist() == [0, 12, 13, 14]


def test_values_that_look_personal_are_not_shown():
    column = MonitoredColumn("contact", ColumnType.CATEGORY)
    bins = cut_feature(column, pl.Series(["ann@example.org", "bob@example.org"]), pl.Series(["cy@example.org"]))
    assert bins.labels == ("hidden 1", "hidden 2", "hidden 3", "hidden 4", "<missing>")
