from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from millwright.core.records.monitor import Severity
from millwright.monitoring.alarms import find_alarms, judged_kinds
from millwright.monitoring.attribution import BinLoss, FeatureLoss, LossAttribution
from millwright.monitoring.finding import AlertKind
from millwright.monitoring.insight import Insights
from millwright.monitoring.reference import build_reference, load_reference
from millwright.monitoring.seasonal import SeasonalReference
from millwright.monitoring.settings import MonitorSettings
from millwright.monitoring.threshold import Limits


@pytest.fixture
def reference(model: Any, draw_rows: Any) -> Any:
    return load_reference(build_reference(draw_rows(60), model))


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


def test_metric_beyond_its_own_limit_is_told_with_its_interval(comparison: Any, lost: Any):
    broken = {"recall": Limits(low=0.7, high=None).judge(0.61), "log_loss": Limits(low=None, high=0.5).judge(0.4)}
    within = replace(lost, degraded=False, gain=None, judged=broken, intervals={"recall": (0.52, 0.7)})
    (found,) = find_alarms(comparison(performance=within), MonitorSettings())
    assert found.message == "On 60 labelled rows, recall is 0.61 (0.52 to 0.7), below its limit of 0.7."
    assert found.evidence["limits"]["recall"]["low"] == 0.7
    assert "metric" not in found.evidence
    (both,) = find_alarms(comparison(performance=replace(lost, judged=broken)), MonitorSettings())
    assert both.message == (
        "On 60 labelled rows, roc_auc is 0.61; at evaluation it was 0.85; recall is 0.61, below its limit of 0.7."
    )
    inside = {"recall": Limits(low=0.5, high=None).judge(0.61)}
    quiet = comparison(performance=replace(within, judged=inside))
    assert find_alarms(quiet, MonitorSettings()) == []
    assert AlertKind.PERFORMANCE in judged_kinds(quiet, MonitorSettings())  # so that the alert ends


def test_performance_of_a_season_is_told_beside_it(comparison: Any, lost: Any, reference: Any):
    season = SeasonalReference(name="hour of the week", reference=reference, performance=reference)
    (found,) = find_alarms(comparison(performance=lost, season=season), MonitorSettings())
    assert found.message == "On 60 labelled rows, roc_auc is 0.61; in the same hour of the week it was 0.85."
