from __future__ import annotations

from millwright.deployment.realtime.arm import Arm, LineUp


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
