from __future__ import annotations

import pytest
from pydantic import ValidationError

from millwright.monitoring.insight import InsightSettings as MonitoringInsight
from millwright.monitoring.threshold import Season, ThresholdMethod
from millwright.workspace.insight_settings import (
    InsightSettings,
    insight_settings,
    past_settings,
    threshold_settings,
)


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


def test_limits_of_the_past_have_their_rule_and_their_season():
    section = InsightSettings(
        past="quantiles", past_season="hour_of_week", limit_quantiles=(0.1, 0.9), past_checks=30, limit_deviations=2
    )
    found = past_settings(section)
    assert found.limits is not None
    assert (found.limits.method, found.limits.season) == (ThresholdMethod.QUANTILES, Season.HOUR_OF_WEEK)
    assert (found.limits.quantiles, found.limits.deviations, found.series.min_values) == ((0.1, 0.9), 2.0, 30)
    trend = past_settings(InsightSettings(past_limit=8, past_season="none"))
    assert (trend.limits, trend.series.limit, trend.series.season) == (None, 8.0, Season.NONE)
    assert not past_settings(InsightSettings(past="off")).enabled


def test_limits_of_chunks_are_as_wide_as_they_are_set():
    rule = threshold_settings(InsightSettings(limits="deviations", limit_deviations=4.5))
    assert rule is not None
    assert rule.deviations == 4.5
