from __future__ import annotations

from dataclasses import replace
from typing import Any

from millwright.monitoring.alarms import find_alarms, judged_kinds
from millwright.monitoring.anomaly.metric import OddMetric
from millwright.monitoring.finding import AlertKind
from millwright.monitoring.settings import MonitorSettings

ODD = OddMetric(value=0.82, usual=0.85, score=-7.0, limit=5.0, checks=200, seasonal=True)


def test_metric_that_is_worse_than_its_past_is_told_within_its_limit(comparison: Any, lost: Any):
    within = replace(lost, metrics={"roc_auc": 0.82}, degraded=False)
    (found,) = find_alarms(comparison(performance=within, past=ODD), MonitorSettings())
    assert found.kind is AlertKind.METRIC_ANOMALY
    assert found.message == (
        "On 60 labelled rows, roc_auc is 0.82; by 200 earlier checks, season included, it would be about 0.85."
    )
    assert (found.evidence["expected"], found.evidence["found"], found.evidence["score"]) == (0.85, 0.82, -7.0)


def test_lost_performance_is_not_told_twice_and_a_better_value_not_at_all(comparison: Any, lost: Any):
    within = replace(lost, degraded=False)
    better = replace(ODD, value=0.9, score=8.0)
    told = [
        find_alarms(comparison(performance=lost, past=ODD), MonitorSettings()),
        find_alarms(comparison(performance=within, past=better), MonitorSettings()),
        find_alarms(comparison(performance=within, past=replace(ODD, score=-4.0)), MonitorSettings()),
    ]
    assert [[finding.kind for finding in findings] for findings in told] == [[AlertKind.PERFORMANCE], [], []]


def test_it_is_judged_with_enough_labels_and_a_past_only(comparison: Any, lost: Any):
    few = replace(lost, labelled_rows=10)
    for parts in ({}, {"performance": lost}, {"performance": few, "past": ODD}):
        assert AlertKind.METRIC_ANOMALY not in judged_kinds(comparison(**parts), MonitorSettings())
    assert AlertKind.METRIC_ANOMALY in judged_kinds(comparison(performance=lost, past=ODD), MonitorSettings())


def test_limits_of_the_past_are_told(comparison: Any, lost: Any):
    beyond = replace(ODD, score=-1.4, limit=1.0, low=0.84, high=0.88, usual=0.86)
    within = replace(lost, metrics={"roc_auc": 0.82}, degraded=False)
    (found,) = find_alarms(comparison(performance=within, past=beyond), MonitorSettings())
    assert found.message.endswith("by 200 earlier checks, season included, it would be from 0.84 to 0.88.")


def test_other_metrics_are_told_by_the_one_that_is_farthest_off(comparison: Any, lost: Any):
    within = replace(lost, metrics={"roc_auc": 0.82, "recall": 0.4, "log_loss": 0.9}, degraded=False)
    others = {
        "recall": replace(ODD, value=0.4, usual=0.7, score=-9.0),
        "log_loss": replace(ODD, value=0.9, usual=0.5, score=6.0),  # higher is worse
        "accuracy": replace(ODD, value=0.9, usual=0.7, score=9.0),  # better
    }
    parts = comparison(performance=within, past_metrics=others)
    (found,) = find_alarms(parts, MonitorSettings())
    assert found.message.startswith("On 60 labelled rows, recall is 0.4; by 200 earlier checks")
    assert found.message.endswith("it would be about 0.7; beyond theirs as well: log_loss.")
    assert AlertKind.METRIC_ANOMALY in judged_kinds(
        comparison(performance=within, past_metrics=others), MonitorSettings()
    )
