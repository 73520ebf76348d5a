from __future__ import annotations

from typing import Any

from millwright.monitoring.exposition import performance
from millwright.monitoring.exposition.fact import ReportFacts


def test_metrics_are_told_by_where_they_are_from_the_deciding_one_first(told: Any, facts: Any):
    found = told(performance.PERFORMANCE)
    assert next(iter(found)) == (performance.VALUE, ("roc_auc", "realised"))
    assert found[performance.VALUE, ("roc_auc", "realised")] == facts.record.performance["roc_auc"]
    assert found[performance.VALUE, ("roc_auc", "evaluation")] == facts.record.reference_performance["roc_auc"]
    for source in ("realised", "estimated"):
        value = found[performance.VALUE, ("roc_auc", source)]
        assert found[performance.LOW, ("roc_auc", source)] < value < found[performance.HIGH, ("roc_auc", source)]


def test_loss_of_the_deciding_metric_is_told_with_interval_and_limit(told: Any, facts: Any):
    found, record = told(performance.PERFORMANCE), facts.record
    loss = record.reference_performance["roc_auc"] - record.performance["roc_auc"]
    assert found[performance.LOSS, ("roc_auc",)] == loss > found[performance.LOSS_LIMIT, ("roc_auc",)] == 0.05
    assert 0 < found[performance.LOSS_LOW, ("roc_auc",)] < loss < found[performance.LOSS_HIGH, ("roc_auc",)]
    assert found[performance.DEGRADED, ("roc_auc",)] == 1.0


def test_limits_that_are_set_are_told_and_whether_they_hold(told: Any):
    found = told(performance.PERFORMANCE)
    assert found[performance.LIMIT, ("accuracy", "low")] == 0.9
    assert found[performance.LIMIT, ("accuracy", "high")] is None
    assert found[performance.OUTSIDE, ("accuracy",)] == 1.0


def test_what_earlier_checks_would_have_is_told_of_each_metric_that_is_held_against_them(told: Any):
    found = told(performance.PERFORMANCE)
    for metric in ("roc_auc", "accuracy"):
        assert 0.8 < found[performance.USUAL, (metric,)] < 1
        assert found[performance.DEVIATION, (metric,)] < -found[performance.DEVIATION_LIMIT, (metric,)] == -5.0


def test_metrics_of_the_record_are_told_when_the_document_was_removed(told: Any, facts: Any):
    found = told(performance.PERFORMANCE, ReportFacts(record=facts.record))
    assert found[performance.VALUE, ("roc_auc", "realised")] == facts.record.performance["roc_auc"]
    assert {metric for (metric, _), value in found.items() if value is not None} == {performance.VALUE}
