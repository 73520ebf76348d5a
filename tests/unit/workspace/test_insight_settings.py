from __future__ import annotations

import pytest
from pydantic import ValidationError

from millwright.monitoring.insight import InsightSettings as MonitoringInsight
from millwright.monitoring.threshold import ThresholdMethod
from millwright.workspace.insight_settings import InsightSettings, insight_settings, threshold_settings


def test_settings_are_those_of_monitoring_when_nothing_is_set():
    assert insight_settings(InsightSettings()) == MonitoringInsight()
    assert threshold_settings(InsightSettings()) is None


def test_each_part_can_be_turned_off():
    found = insight_settings(InsightSettings(anomalies=False, concept_drift="off", attribution=False))
    assert not any((found.anomalies.enabled, found.concept.enabled, found.attribution.enabled))


def test_detector_share_and_rule_are_handed_on():
    section = InsightSettings(concept_drift="ddm", odd_share=0.2, limits="quantiles")
    assert insight_settings(section).concept.detector == "ddm"
    assert insight_settings(section).anomalies.max_share == 0.2
    rule = threshold_settings(section)
    assert rule is not None
    assert rule.method is ThresholdMethod.QUANTILES


def test_detector_that_there_is_not_is_refused():
    with pytest.raises(ValidationError, match="adwin"):
        InsightSettings(concept_drift="kswin")  # type: ignore[arg-type]
