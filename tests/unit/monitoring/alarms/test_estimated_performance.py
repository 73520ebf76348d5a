from __future__ import annotations

from typing import Any

import pytest

from millwright.core.records.monitor import Severity
from millwright.monitoring.alarms import find_alarms
from millwright.monitoring.estimation import Estimate
from millwright.monitoring.finding import AlertKind
from millwright.monitoring.performance import Performance
from millwright.monitoring.settings import MonitorSettings


def unlabelled(rows: int = 0) -> Performance:
    return Performance(
        labelled_rows=rows, metrics={}, intervals={}, reference={"roc_auc": 0.85, "rmse": 2.0}, metric="roc_auc"
    )


def estimate(value: float, interval: tuple[float, float]) -> Estimate:
    return Estimate(rows=100, metrics={"roc_auc": value}, intervals={"roc_auc": interval}, method="CBPE")


def test_estimated_performance_is_found_when_labels_are_expected_to_show_a_loss(comparison: Any):
    parts = {"performance": unlabelled(), "estimated": estimate(0.7, (0.66, 0.74))}
    found = find_alarms(comparison(**parts), MonitorSettings())
    assert found[0].kind is AlertKind.ESTIMATED_PERFORMANCE
    assert found[0].severity is Severity.WARNING
    assert found[0].message == "Over 100 rows, roc_auc is estimated at 0.7; at evaluation it was 0.85."


@pytest.mark.parametrize(
    ("value", "interval", "labelled"),
    [(0.82, (0.81, 0.83), 0), (0.7, (0.5, 0.87), 0), (0.9, (0.88, 0.92), 0), (0.7, (0.66, 0.74), 50)],
    ids=["small", "unsure", "better", "labels say it themselves"],
)
def test_estimated_performance_is_silent_when_no_loss_is_expected_or_labels_are_there(
    comparison: Any, value: float, interval: tuple[float, float], labelled: int
):
    parts = {"performance": unlabelled(labelled), "estimated": estimate(value, interval)}
    assert find_alarms(comparison(**parts), MonitorSettings()) == []
