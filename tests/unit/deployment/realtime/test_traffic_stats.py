from __future__ import annotations

from millwright.deployment.realtime.traffic_stats import TrafficStats


def test_endpoint_without_rollouts_has_counted_nothing():
    stats = TrafficStats()
    assert (stats.totals(), stats.rollout) == ({}, None)
