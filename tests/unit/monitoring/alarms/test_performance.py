from __future__ import annotations

from typing import Any

import pytest

from millwright.core.records.monitor import Severity
from millwright.monitoring.alarms import find_alarms
from millwright.monitoring.attribution import BinLoss, FeatureLoss, LossAttribution
from millwright.monitoring.finding import AlertKind
from millwright.monitoring.insight import Insights
from millwright.monitoring.settings import MonitorSettings


@pytest.mark.parametrize("rows", [100, 1])
def test_performance_is_found_when_it_was_lost(comparison: Any, lost: Any, rows: int):
    found = find_alarms(comparison(rows=rows, performance=lost), MonitorSettings())
    assert found[0].kind is AlertKind.PERFORMANCE
    assert found[0].severity is Severity.CRITICAL
    assert found[0].message == "On 60 labelled rows, roc_auc is 0.61; at evaluation it was 0.85."


def test_performance_names_the_part_that_fared_worst(comparison: Any, lost: Any):
    part = BinLoss(label="Design", rows=60, before=0.1, now=0.4, contribution=0.2, p_value=1e-6, examples=())
    worst = FeatureLoss(column="phase", mix=0.0, worse=(part,))
    loss = LossAttribution(name="Brier score", before=0.1, now=0.3, rows=(500, 60), features=(worst,))
    (found,) = find_alarms(comparison(performance=lost, insights=Insights(loss=loss)), MonitorSettings())
    assert found.message == (
        "On 60 labelled rows, roc_auc is 0.61; at evaluation it was 0.85; "
        "it fared worst where phase is Design (Brier score 0.1 → 0.4)."
    )
    assert found.evidence["attribution"]["features"][0]["worse"][0]["label"] == "Design"
