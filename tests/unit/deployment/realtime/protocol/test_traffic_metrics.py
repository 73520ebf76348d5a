from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from prometheus_client.core import CollectorRegistry
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from millwright.deployment.realtime.protocol.traffic_metrics import traffic_metrics
from millwright.deployment.traffic.latency import LATENCY_BUCKETS
from millwright.deployment.traffic.tally import Comparison, Tally
from millwright.testing.rollouts import decision, rollout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric


class Traffic:
    """Collects the metrics of one endpoint's traffic."""

    def __init__(self, slot) -> None:
        self.slot = slot

    def collect(self) -> Iterator[Metric]:
        return traffic_metrics([self.slot])


@pytest.fixture
def samples(serving):
    """What a scrape says of traffic, by name and labels."""

    def read() -> dict:
        registry = CollectorRegistry(auto_describe=False)
        registry.register(Traffic(serving.slot))
        return {
            (sample.name, *sorted(sample.labels.values())): sample.value
            for family in text_string_to_metric_families(generate_latest(registry).decode())
            for sample in family.samples
        }

    return read


def test_endpoint_without_rollouts_says_nothing(samples):
    assert samples() == {}


def test_arms_requests_errors_and_latencies_are_told(serving, samples):
    latencies = [0] * LATENCY_BUCKETS
    latencies[0], latencies[7], latencies[-1] = 5, 4, 1
    tally = Tally(answered=10, failed=2, refused=1, seconds=1.5, latencies=latencies)
    serving.slot.traffic.totals = lambda: {("canary", 2): tally}
    found = samples()
    arm = ("2", "canary", "delay", "site")
    assert found["millwright_arm_requests_total", *arm] == 10
    assert found["millwright_arm_errors_total", "2", "canary", "delay", "failed", "site"] == 2
    assert found["millwright_arm_errors_total", "2", "canary", "delay", "refused", "site"] == 1
    assert found["millwright_arm_duration_seconds_count", *arm] == 10
    assert found["millwright_arm_duration_seconds_sum", *arm] == 1.5
    counts = sorted(value for key, value in found.items() if key[0].endswith("_bucket"))
    assert counts == [5, 5, *[9] * 12, 10]  # at most 50 µs and 150 µs; up to 74 s; beyond
    assert found["millwright_arm_duration_seconds_bucket", "+Inf", *arm] == 10


def test_shadows_rows_are_told_by_what_became_of_them(serving, samples):
    compared = Comparison(compared=10, agreed=7, failed=2, shed=5)
    serving.slot.traffic.totals = lambda: {("shadow", 3): Tally(shadow=compared)}
    names = {"agreed", "differed", "failed", "shed"}
    told = {(names & set(key)).pop(): value for key, value in samples().items() if "shadow_rows_total" in key[0]}
    assert told == {"agreed": 7, "differed": 3, "failed": 2, "shed": 5}
    assert not [key for key in samples() if key[0].startswith("millwright_arm_requests")]


def test_weights_and_verdict_of_the_open_rollout_are_told(serving, samples):
    record = rollout()
    serving.slot.traffic.rollout = record
    found = samples()
    assert found["millwright_arm_weight_ratio", "1", "delay", "primary", "site"] == 0.9
    assert found["millwright_arm_weight_ratio", "2", "canary", "delay", "site"] == 0.1
    [facts] = [key for key in found if key[0] == "millwright_rollout_info"]
    assert set(facts[1:]) == {"site", record.id, "canary", "running", "1", "none"}
    judged = decision(action="wait", evidence={"outcome": "bad"})
    serving.slot.traffic.rollout = replace(record, decision=judged)
    [facts] = [key for key in samples() if key[0] == "millwright_rollout_info"]
    assert "bad" in facts
