from __future__ import annotations

import os
import subprocess
import sys

import pytest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

from millwright.deployment.realtime.process.shared_metrics import SharedMetrics


def families(count: float, version: str = "1"):
    counter = CounterMetricFamily("asked", "Asked.", labels=["route"])
    counter.add_metric(["predict"], count)
    times = HistogramMetricFamily("seconds", "Times.", labels=[])
    times.add_metric([], [("1", count), ("+Inf", count + 1)], sum_value=count * 2)
    facts = GaugeMetricFamily("model_info", "Which answers.", labels=["version"])
    facts.add_metric([version], 1)
    return [counter, times, facts, GaugeMetricFamily("waiting", "Now.", value=count)]


def values(metrics) -> dict[str, float]:
    return {
        sample.name + "".join(f"|{value}" for value in sample.labels.values()): sample.value
        for metric in metrics
        for sample in metric.samples
    }


@pytest.fixture
def dead_pid() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait(20)
    return process.pid


def test_numbers_of_all_processes_are_added_up(tmp_path):
    other = SharedMetrics(tmp_path)
    other.write(families(5, version="2"))
    other.write(families(7, version="2"))
    assert values(SharedMetrics(tmp_path).merged(families(1))) == {
        "asked_total|predict": 8,
        "seconds_bucket|1": 8,
        "seconds_bucket|+Inf": 10,
        "seconds_count": 10,
        "seconds_sum": 16,
        "model_info|1": 1,
        "model_info|2": 1,
        "waiting": 8,
        "millwright_workers": 2,
    }


def test_share_that_all_processes_tell_is_told_as_it_is(tmp_path):
    def share(of: float) -> list:
        return [GaugeMetricFamily("arm_weight_ratio", "Of the requests.", value=of)]

    SharedMetrics(tmp_path).write(share(0.1))
    assert values(SharedMetrics(tmp_path).merged(share(0.1)))["arm_weight_ratio"] == 0.1


def test_own_numbers_are_those_of_the_moment(tmp_path):
    mine = SharedMetrics(tmp_path)
    mine.write(families(5))
    assert values(mine.merged(families(6)))["asked_total|predict"] == 6


def test_counters_of_a_process_that_has_gone_stay_and_its_gauges_go(tmp_path, dead_pid):
    gone = SharedMetrics(tmp_path)
    gone.write(families(5, version="2"))
    (path,) = tmp_path.glob("*.json")
    path.rename(tmp_path / path.name.replace(str(os.getpid()), str(dead_pid)))
    found = values(SharedMetrics(tmp_path).merged(families(1)))
    assert (found["asked_total|predict"], found["waiting"], found["millwright_workers"]) == (6, 1, 1)
    assert "model_info|2" not in found
