"""Comparisons made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from millwright.core.records.monitor import DriftRecord
from millwright.monitoring.comparison import Comparison
from millwright.monitoring.drift import ColumnDrift
from millwright.monitoring.performance import Performance
from millwright.monitoring.statistics import Bins

BINS = Bins(("<missing>",), np.array([0]), np.array([0]))


def make_drift(column: str, score: float, *, output: bool = False) -> ColumnDrift:
    record = DriftRecord(
        column=column,
        kind="numeric",
        scores={"psi": score},
        p_value=0.001,
        statistic="psi",
        threshold=0.2,
        drifted=score > 0.2,
        reference_rows=1000,
        current_rows=100,
    )
    return ColumnDrift(record, output, BINS, {})


def make_comparison(*columns: ColumnDrift, rows: int = 100, **parts: Any) -> Comparison:
    return Comparison(rows=rows, drift=columns, **{"missing": (), "performance": None, **parts})


def make_lost() -> Performance:
    return Performance(
        labelled_rows=60,
        metrics={"roc_auc": 0.61},
        intervals={},
        reference={"roc_auc": 0.85},
        metric="roc_auc",
        gain=-0.24,
        gain_interval=(-0.3, -0.2),
        limit=0.05,
        degraded=True,
    )


@pytest.fixture
def drift() -> Any:
    return make_drift


@pytest.fixture
def comparison() -> Any:
    return make_comparison


@pytest.fixture
def lost() -> Performance:
    return make_lost()
