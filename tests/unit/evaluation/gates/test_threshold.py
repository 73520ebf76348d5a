from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.evaluation.gates.threshold import Threshold


def test_threshold_fires_when_the_value_is_below_the_minimum(make_subject: Any):
    result = Threshold(metric="roc_auc", min=0.9).evaluate(make_subject())

    assert not result.passed
    assert (result.value, result.limit, result.about) == (0.86, 0.9, "roc_auc")
    assert result.reason == (
        "ROC AUC on 400 test rows is 0.860 (95 % interval 0.820 to 0.900); at least 0.900 is asked for."
    )


def test_threshold_fires_when_the_value_is_above_the_maximum(make_subject: Any):
    assert not Threshold(metric="brier", max=0.14).evaluate(make_subject()).passed


@pytest.mark.parametrize("limits", [{"min": 0.86}, {"max": 0.86}, {"min": 0.5, "max": 0.9}])
def test_threshold_stays_silent_within_the_limits(make_subject: Any, limits: dict[str, float]):
    assert Threshold(metric="roc_auc", **limits).evaluate(make_subject()).passed


@pytest.mark.parametrize(("limits", "value"), [({"min": 0.83}, 0.82), ({"max": 0.89}, 0.9)])
def test_threshold_judges_the_worse_end_of_the_interval_when_asked_to(
    make_subject: Any, limits: dict[str, float], value: float
):
    gate = Threshold(metric="roc_auc", with_confidence=True, **limits)

    result = gate.evaluate(make_subject())

    assert not result.passed
    assert result.value == value
    assert "worse end of the interval" in result.reason


def test_threshold_fires_when_the_metric_is_undefined(make_subject: Any, report: Any):
    result = Threshold(metric="recall", min=0.5).evaluate(make_subject(report=replace(report, rows=3)))

    assert not result.passed
    assert result.value is None
    assert "Recall is undefined on the 3 test rows" in result.reason


def test_threshold_cannot_be_evaluated_without_the_interval_it_needs(make_subject: Any):
    with pytest.raises(ValueError, match="no confidence interval for accuracy"):
        Threshold(metric="accuracy", min=0.5, with_confidence=True).evaluate(make_subject())


def test_threshold_cannot_be_evaluated_for_a_metric_of_another_task(make_subject: Any):
    with pytest.raises(InvalidInputError, match="'rmse' is not one of a binary task"):
        Threshold(metric="rmse", max=1.0).evaluate(make_subject())


def test_threshold_refuses_settings_without_a_limit():
    with pytest.raises(ValueError, match="`min` or `max`"):
        Threshold(metric="roc_auc")
