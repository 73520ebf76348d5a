from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.records.rollout import CanaryLimits, RolloutArm, RolloutKind
from millwright.deployment.traffic.strategy import AB, Canary, Shadow, Split, seconds_of


def test_canary_begins_with_its_first_share():
    canary = Canary("10m", at=[10, 50, 100])
    assert (canary.hold_s, canary.steps, canary.kind) == (600.0, (10.0, 50.0, 100.0), RolloutKind.CANARY)
    assert canary.arms(1, [3]) == (
        RolloutArm(name="primary", version=1, weight=90.0),
        RolloutArm(name="canary", version=3, weight=10.0),
    )


def test_canary_ends_with_all_requests():
    assert Canary(at=[5, 25]).steps == (5.0, 25.0, 100.0)


@pytest.mark.parametrize("at", [[], [100], [0, 100], [50, 10, 100], [10, 10, 100], [10, 120]])
def test_shares_that_do_not_rise_to_all_are_refused(at):
    with pytest.raises(InvalidInputError, match="rise from above 0 to 100"):
        Canary(at=at)


@pytest.mark.parametrize("hold", ["soon", "0s", 0, -1.0, float("nan"), ""])
def test_hold_that_is_no_duration_is_refused(hold):
    with pytest.raises(InvalidInputError):
        Canary(hold)


@pytest.mark.parametrize(
    "wrong",
    [{"min_requests": 0}, {"max_error_increase": 1.0}, {"max_slowdown": 1.0}, {"max_shift": 0.0}, {"alpha": 0.5}],
)
def test_limits_outside_their_ranges_are_refused(wrong):
    with pytest.raises(InvalidInputError, match="limits of a canary"):
        Canary(limits=CanaryLimits(**wrong))


def test_canary_tries_one_version():
    with pytest.raises(InvalidInputError, match="1 version beside the primary for a canary, found 2"):
        Canary().arms(1, [2, 3])


def test_split_names_its_arms():
    assert [(a.name, a.version, a.weight) for a in Split([90, 10]).arms(1, [2])] == [
        ("primary", 1, 90.0),
        ("candidate", 2, 10.0),
    ]
    assert [a.name for a in Split([80, 15, 5]).arms(1, [2, 3])] == ["primary", "v2", "v3"]


@pytest.mark.parametrize("weights", [[100], [90, 20], [110, -10], [10] * 10])
def test_weights_that_divide_nothing_are_refused(weights):
    with pytest.raises(InvalidInputError, match="weights in per cent"):
        Split(weights)


def test_split_needs_a_version_for_each_weight():
    with pytest.raises(InvalidInputError, match="2 versions beside the primary"):
        Split([80, 15, 5]).arms(1, [2])


def test_ab_is_even_unless_weighed():
    assert [(a.name, a.weight) for a in AB().arms(1, [2])] == [("champion", 50.0), ("challenger", 50.0)]
    assert [a.weight for a in AB([70, 20, 10]).arms(1, [2, 3])] == [70.0, 20.0, 10.0]


def test_shadow_leaves_all_answers_to_the_primary():
    assert [(a.name, a.weight) for a in Shadow(25).arms(1, [2])] == [("primary", 100.0), ("shadow", 25.0)]
    with pytest.raises(InvalidInputError, match="share"):
        Shadow(0)


def test_durations_are_seconds_or_text():
    assert (seconds_of("90s"), seconds_of("1.5h"), seconds_of(2)) == (90.0, 5400.0, 2.0)
