from __future__ import annotations

import pytest

from millwright.deployment.realtime.arm import Arm, LineUp
from millwright.deployment.traffic.latency import LATENCY_BOUNDS


def test_arm_counts_what_it_answered(make_served):
    arm = Arm(make_served(1))
    for status, seconds in ((200, 0.5), (422, 0.25), (503, 0.25)):
        arm.count(status, seconds)
    assert (arm.name, arm.answered, arm.failed, arm.seconds) == ("primary", 3, 1, 1.0)


def test_lineup_finds_arms_by_version_the_primary_first(make_served):
    primary, canary, twin = Arm(make_served(1)), Arm(make_served(2), "canary"), Arm(make_served(1), "twin")
    lineup = LineUp(primary, (canary, twin))
    assert lineup.arms == (primary, canary, twin)
    assert lineup.by_version == {"1": primary, "2": canary}
    assert (lineup.chooser, lineup.mirror) == (None, None)


def test_arm_counts_requests_by_outcome_and_latency(make_served):
    arm = Arm(make_served(1))
    for status, seconds in ((200, 0.00004), (200, 0.0011), (422, 0.0011), (500, 0.2), (503, 500.0)):
        arm.count(status, seconds)
    assert (arm.answered, arm.refused, arm.failed) == (5, 1, 2)
    assert arm.seconds == pytest.approx(500.20224)
    assert (sum(arm.latencies), arm.latencies[0], arm.latencies[-1]) == (5, 1, 1)
    [twice] = [bucket for bucket, count in enumerate(arm.latencies) if count == 2]
    assert LATENCY_BOUNDS[twice - 1] < 0.0011 <= LATENCY_BOUNDS[twice]
