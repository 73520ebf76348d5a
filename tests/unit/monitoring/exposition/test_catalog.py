from __future__ import annotations

import re
from collections import Counter
from typing import Any

from millwright.monitoring.exposition.bound import bounded
from millwright.monitoring.exposition.catalog import ALL, FAMILIES

NO_BASE_UNITS = re.compile(r"_(ms|milliseconds|minutes|hours_total|percent|bytes_per_hour|total|count|sum|bucket)(_|$)")


def test_metrics_are_declared_once_and_say_what_they_are():
    names = Counter(metric.name for metric in ALL)
    assert max(names.values()) == 1
    for metric in ALL:
        assert metric.about.endswith(".")
        assert metric.labels[0] == "endpoint"
        assert len(set(metric.labels)) == len(metric.labels)


def test_names_follow_prometheus_conventions():
    for metric in ALL:
        assert re.fullmatch(r"millwright_monitor_[a-z]+(_[a-z]+)*", metric.name)
        assert not NO_BASE_UNITS.search(metric.name)  # base units, and no suffix of counters and histograms
        assert not {"le", "quantile", "job", "instance"} & set(metric.labels)  # which mean something to Prometheus


def test_shares_lie_between_0_and_1_and_are_called_so(facts: Any):
    for metric, _, value in bounded(facts, FAMILIES):
        if metric.name.endswith("_ratio"):
            assert 0 <= value <= 1


def test_families_are_told_apart_and_a_report_has_figures_of_each(facts: Any):
    assert len({family.name for family in FAMILIES}) == len(FAMILIES)
    told = {metric for metric, _, _ in bounded(facts, FAMILIES)}
    assert all(told & set(family.metrics) for family in FAMILIES)
