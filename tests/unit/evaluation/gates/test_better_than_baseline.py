from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from millwright.evaluation.gates.better_than_baseline import BetterThanBaseline


def test_better_than_baseline_fires_when_the_gain_is_below_the_margin(make_subject: Any):
    result = BetterThanBaseline(metric="accuracy", margin=0.3).evaluate(make_subject())

    assert not result.passed
    assert result.limit == pytest.approx(0.85)
    assert result.reason == (
        "Accuracy on 400 test rows is 0.800 against 0.550 of the baseline, 0.250 better; a gain of at least 0.300 is "
        "asked for."
    )


@pytest.mark.parametrize("value", [0.5, 0.4])
def test_better_than_baseline_fires_when_there_is_no_gain(make_subject: Any, report: Any, value: float):
    subject = make_subject(report=replace(report, metrics={"roc_auc": value}))

    assert not BetterThanBaseline().evaluate(subject).passed


def test_better_than_baseline_stays_silent_when_the_model_is_better(make_subject: Any):
    result = BetterThanBaseline().evaluate(make_subject())

    assert result.passed
    assert result.about == "roc_auc"


def test_better_than_baseline_knows_that_a_lower_loss_is_better(make_subject: Any):
    result = BetterThanBaseline(metric="brier", margin=0.05).evaluate(make_subject())

    assert result.passed
    assert result.limit == pytest.approx(0.2)


@pytest.mark.parametrize(("field", "who"), [("metrics", "the model"), ("baseline", "the baseline")])
def test_better_than_baseline_fires_when_there_is_nothing_to_compare(
    make_subject: Any, report: Any, field: str, who: str
):
    result = BetterThanBaseline().evaluate(make_subject(report=replace(report, **{field: {}})))

    assert not result.passed
    assert f"ROC AUC of {who} is not known" in result.reason


def test_better_than_baseline_refuses_a_negative_margin():
    with pytest.raises(ValueError, match="margin of 0 or more"):
        BetterThanBaseline(margin=-0.1)
