from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from millwright.core.records.monitor import DriftRecord
from millwright.models.column import ColumnType
from millwright.monitoring.attribution import attribute_drift, example_rows
from millwright.monitoring.drift import ColumnDrift
from millwright.monitoring.monitored_column import MonitoredColumn
from millwright.monitoring.statistics import Bins


def drift(column: str, score: float, *, statistic: str = "psi", output: bool = False) -> ColumnDrift:
    threshold = 0.2 if statistic == "psi" else 0.1
    record = DriftRecord(
        column=column,
        kind="numeric",
        scores={statistic: score},
        p_value=0.001,
        statistic=statistic,
        threshold=threshold,
        drifted=score > threshold,
        reference_rows=1000,
        current_rows=100,
    )
    return ColumnDrift(record, output, Bins(("<missing>",), np.array([0]), np.array([0])), {})


COLUMNS = [
    drift("days", 0.4),
    drift("phase", 0.4, statistic="jensen_shannon"),
    drift("still", 0.1),
    drift("prediction", 0.9, output=True),
]


def test_features_are_ranked_by_drift_times_importance():
    found = attribute_drift(COLUMNS, {"days": 0.6, "phase": 0.1, "still": 0.3})
    assert [(share.column, share.weight) for share in found] == [("days", pytest.approx(0.75)), ("phase", 0.25)]
    assert str(found[0]) == "days (psi 0.40 \N{MULTIPLICATION SIGN} importance 0.60)"


def test_features_are_ranked_by_drift_alone_when_importances_are_not_known():
    found = attribute_drift(COLUMNS)
    assert [(share.column, share.importance) for share in found] == [("phase", None), ("days", None)]
    assert found[0].weight == pytest.approx(2 / 3)
    assert str(found[0]) == "phase (jensen_shannon 0.40)"


def test_feature_of_unknown_importance_counts_as_an_average_one():
    found = attribute_drift(COLUMNS, {"days": 1.0, "still": 0.0})
    assert {share.column: share.weight for share in found} == pytest.approx({"days": 0.5, "phase": 0.5})


def test_features_that_do_not_matter_share_evenly():
    found = attribute_drift(COLUMNS, {"days": 0.0, "phase": 0.0})
    assert [(share.column, share.weight) for share in found] == [("days", 0.5), ("phase", 0.5)]


def test_examples_are_the_newest_rows_of_the_part_that_grew_most():
    column = MonitoredColumn("days", ColumnType.NUMBER)
    current = pl.Series([500.0 if number % 2 else 50.0 for number in range(20)])
    ids = pl.Series([f"p{number:02}" for number in range(20)])
    where, rows = example_rows(column, pl.Series(map(float, range(100))), current, ids, examples=3)
    assert where == "> 80"
    assert rows == ("p19", "p17", "p15")
