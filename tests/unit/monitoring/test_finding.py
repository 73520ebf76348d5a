from __future__ import annotations

import numpy as np
import pytest

from millwright.core.records.monitor import DriftRecord, Severity
from millwright.monitoring.comparison import Comparison
from millwright.monitoring.drift import ColumnDrift
from millwright.monitoring.finding import AlertKind, find_alarms
from millwright.monitoring.missing import MissingShare
from millwright.monitoring.performance import Performance
from millwright.monitoring.settings import MonitorSettings
from millwright.monitoring.statistics import Bins

BINS = Bins(("<missing>",), np.array([0]), np.array([0]))


def drift(column: str, score: float, *, output: bool = False) -> ColumnDrift:
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


def comparison(*columns: ColumnDrift, rows: int = 100, **parts: object) -> Comparison:
    return Comparison(rows=rows, drift=columns, **{"missing": (), "performance": None, **parts})  # type: ignore[arg-type]


def test_finding_is_drift_when_enough_features_drifted():
    columns = [drift("a", 0.5), drift("b", 0.9), *(drift(f"n{i}", 0.0) for i in range(8))]
    found = find_alarms(comparison(*columns), MonitorSettings())
    assert [finding.kind for finding in found] == [AlertKind.DRIFT]
    assert found[0].message == "Over 100 rows, 2 of 10 features drifted (b psi 0.90, a psi 0.50)."
    assert list(found[0].evidence["columns"]) == ["b", "a"]
    assert found[0].evidence["columns"]["b"] == {
        "statistic": "psi", "score": 0.9, "threshold": 0.2, "p_value": 0.001, "output": False,
    }  # fmt: skip


def test_finding_is_none_when_too_few_features_drifted():
    columns = [drift("a", 0.5), *(drift(f"n{i}", 0.0) for i in range(9))]
    assert find_alarms(comparison(*columns), MonitorSettings()) == []


def test_finding_is_drift_when_an_answer_drifted_alone():
    found = find_alarms(comparison(drift("a", 0.0), drift("prediction", 0.5, output=True)), MonitorSettings())
    assert found[0].message == "Over 100 rows, the model's answers drifted (prediction psi 0.50)."


def test_finding_names_five_columns_and_counts_the_rest():
    found = find_alarms(comparison(*(drift(f"n{i}", 1.0 + i) for i in range(7))), MonitorSettings())
    assert "and 2 more" in found[0].message
    assert len(found[0].evidence["columns"]) == 7


def test_finding_of_drift_waits_for_enough_rows():
    assert find_alarms(comparison(drift("a", 0.5), rows=10), MonitorSettings(min_rows=11)) == []


def test_finding_is_missing_data_when_a_share_rose():
    share = MissingShare(column="cost", reference=0.02, current=0.4, p_value=1e-9, risen=True)
    found = find_alarms(comparison(missing=(share,)), MonitorSettings())
    assert found[0].kind is AlertKind.MISSING_DATA
    assert found[0].message == "Over 100 rows, values are missing more often: cost 2% → 40%."


@pytest.mark.parametrize("rows", [100, 1])
def test_finding_is_performance_when_it_was_lost(rows: int):
    lost = Performance(
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
    found = find_alarms(comparison(rows=rows, performance=lost), MonitorSettings())
    assert found[0].kind is AlertKind.PERFORMANCE
    assert found[0].severity is Severity.CRITICAL
    assert found[0].message == "On 60 labelled rows, roc_auc is 0.61; at evaluation it was 0.85."
