from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from millwright.evaluation.gates.dominant_feature import DominantFeature


def test_dominant_feature_fires_when_one_column_carries_too_much(make_subject: Any):
    result = DominantFeature(max_share=0.7).evaluate(make_subject())

    assert not result.passed
    assert (result.value, result.limit) == (pytest.approx(0.75), 0.7)
    assert result.reason == (
        "'signal' carries 75 % of the importance; at most 70 % is asked for. Check that it is known when the "
        "prediction is made."
    )


def test_dominant_feature_stays_silent_when_importance_is_shared(make_subject: Any):
    assert DominantFeature().evaluate(make_subject()).passed


def test_dominant_feature_is_not_applicable_when_nothing_matters(make_subject: Any, report: Any):
    flat = tuple(replace(one, mean=-0.01) for one in report.importances)

    result = DominantFeature().evaluate(make_subject(report=replace(report, importances=flat)))

    assert result.passed
    assert not result.applicable


def test_dominant_feature_is_not_applicable_to_a_single_input(
    make_subject: Any, multiclass_model: Any, multiclass_test: Any
):
    result = DominantFeature().evaluate(make_subject(challenger=multiclass_model, test=multiclass_test))

    assert not result.applicable


def test_dominant_feature_cannot_be_evaluated_without_importances(make_subject: Any, report: Any):
    with pytest.raises(ValueError, match="no importances"):
        DominantFeature().evaluate(make_subject(report=replace(report, importances=())))


@pytest.mark.parametrize("share", [0.0, 1.1])
def test_dominant_feature_refuses_a_share_that_is_none(share: float):
    with pytest.raises(ValueError, match="max_share"):
        DominantFeature(max_share=share)
