from __future__ import annotations

from dataclasses import replace

import pytest

from millwright.monitoring.alerting import is_over
from millwright.testing import sample

DRIFTED = replace(sample.alert(), evidence={"columns": {"days": {"statistic": "psi", "score": 0.5}}})
WORSE = replace(sample.alert(), evidence={"metric": "roc_auc", "limit": 0.1})


def report(*, score: float, auc: float | None = None, column: str = "days"):
    made = sample.report()
    drift = replace(made.drift[0], column=column, scores={"psi": score}, threshold=0.2)
    performance = {} if auc is None else {"roc_auc": auc}
    return replace(made, drift=(drift,), performance=performance, reference_performance={"roc_auc": 0.8})


@pytest.mark.parametrize(
    ("score", "column", "over"), [(0.19, "days", False), (0.17, "days", False), (0.15, "days", True), (9, "x", True)]
)
def test_drift_is_over_once_its_columns_are_well_below_their_thresholds(score: float, column: str, over: bool):
    assert is_over(DRIFTED, report(score=score, column=column), resolve_limit=0.8) is over


@pytest.mark.parametrize(("auc", "over"), [(0.71, False), (0.73, True), (0.9, True), (None, True)])
def test_lost_performance_is_over_once_most_of_it_is_back(auc: float | None, over: bool):
    assert is_over(WORSE, report(score=0, auc=auc), resolve_limit=0.8) is over


@pytest.mark.parametrize("evidence", [{}, {"columns": ["days"]}, {"metric": "gone", "limit": 1}, {"metric": 1}])
def test_alert_whose_evidence_tells_nothing_is_over_when_it_is_not_found(evidence: dict):
    seen = replace(report(score=9), performance={"gone": 1.0}, reference_performance={"gone": 2.0})
    assert is_over(replace(sample.alert(), evidence=evidence), seen, resolve_limit=0.8)
