from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from millwright.monitoring.attribution import Importances
from millwright.monitoring.exposition import attribution
from millwright.monitoring.exposition.fact import ReportFacts


def test_shares_of_the_drift_are_one_together(told: Any):
    found = told(attribution.ATTRIBUTION)
    shares = {labels[0]: value for (metric, labels), value in found.items() if metric is attribution.DRIFT_SHARE}
    assert list(shares) == ["days", "phase"]
    assert sum(shares.values()) == pytest.approx(1)


def test_change_of_the_loss_is_told_by_feature(told: Any, facts: Any):
    found, loss = told(attribution.ATTRIBUTION), facts.document["attribution"]["loss"]
    assert found[attribution.LOSS, ("brier_score",)] == loss["now"] > loss["before"]
    assert found[attribution.LOSS_BEFORE, ("brier_score",)] == loss["before"]
    days = next(each for each in loss["features"] if each["column"] == "days")
    assert found[attribution.LOSS_MIX, ("brier_score", "days")] == days["mix"]
    assert found[attribution.LOSS_PARTS, ("brier_score", "days")] == sum(part["contribution"] for part in days["worse"])
    assert found[attribution.NOVELTY, ()] == facts.document["attribution"]["novelty"]["correlation"]


def test_importances_are_told_where_they_are_known_the_largest_first(told: Any, facts: Any):
    known = Importances(shares={"phase": 0.2, "days": 0.8}, metric="roc_auc", source="evaluation")
    document = {"attribution": {"importances": asdict(known)}}
    found = told(attribution.ATTRIBUTION, ReportFacts(record=facts.record, document=document))
    assert list(found.items())[:2] == [
        ((attribution.IMPORTANCE, ("days",)), 0.8),
        ((attribution.IMPORTANCE, ("phase",)), 0.2),
    ]
    assert (attribution.IMPORTANCE, ("days",)) not in told(attribution.ATTRIBUTION)
