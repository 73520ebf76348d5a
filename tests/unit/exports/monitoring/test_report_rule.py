"""What `promtool test rules` does not see: that rules look at what a report judges. That they fire, it shows."""

from __future__ import annotations

from millwright.exports.monitoring.report_rule import REPORT_RULES
from millwright.monitoring.exposition.catalog import ALL

JUDGED = ("drifted", "_risen", "_quality_findings", "_degraded", "_outside", "_lost", "_grown", "_broken")


def test_everything_that_a_report_judges_has_a_rule():
    judged = {metric for metric in ALL if metric.name.endswith(JUDGED)}
    assert judged <= {rule.metric for rule in REPORT_RULES}


def test_rules_tell_apart_by_labels_that_their_metric_has():
    for rule in REPORT_RULES:
        assert {"endpoint", "monitor", *rule.by, *(name for name, _ in rule.only)} <= set(rule.metric.labels)


def test_rule_of_one_value_of_a_label_asks_for_it_alone():
    rule = next(each for each in REPORT_RULES if each.only)
    assert rule.expression == (
        'sum by (endpoint, monitor) (millwright_monitor_concept_detections{direction="worse"}) > 0'
    )
    assert 'direction="worse"' in rule.series
    assert rule.fires_with == {"endpoint": "some_endpoint", "monitor": "some_monitor", "severity": "info"}
