from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from millwright.core.errors import NotFoundError
from millwright.core.ids import new_id
from millwright.deployment.realtime.arm import Arm
from millwright.deployment.realtime.traffic.chooser import WeightedChooser

KEYS = [b"customer-%d" % number for number in range(4_000)]
# The arms of the first keys, for weights of 70 and 30.
WRITTEN_DOWN = "100010001000001010000001"


@pytest.fixture
def make(make_served):
    def chooser(*weights: float, salt: str = "rollout") -> WeightedChooser:
        arms = [Arm(make_served(number + 1), f"arm{number}") for number in range(len(weights))]
        return WeightedChooser(list(zip(arms, weights, strict=True)), salt)

    return chooser


def chosen(chooser: WeightedChooser, keys=KEYS) -> list[str]:
    return [chooser.arm_of(key).name for key in keys]


def fits(names: list[str], weights) -> float:
    """The p-value of a chi-square test of the shares."""
    counts = Counter(names)
    shares = [(counts[f"arm{number}"], weight) for number, weight in enumerate(weights) if weight]
    total = sum(weight for _, weight in shares)
    expected = [weight / total * len(names) for _, weight in shares]
    return float(stats.chisquare([count for count, _ in shares], expected).pvalue)


@pytest.mark.parametrize("weights", [(90, 10), (50, 50), (99, 1), (70, 20, 10), (5, 5, 5, 85), (12.5,) * 8])
@pytest.mark.parametrize("salt", ["a", "b"])
def test_shares_are_those_of_the_weights(make, weights, salt):
    assert fits(chosen(make(*weights, salt=salt)), weights) > 1e-4


def test_shares_of_requests_without_a_key_are_those_of_the_weights(make):
    chooser = make(80, 20)
    names = [chooser.choose((), new_id()).name for _ in range(4_000)]
    assert fits(names, (80, 20)) > 1e-4
    # The server's own ids differ in their last digits alone.
    names = [chooser.choose((), f"0190aa0000007000{number:012x}").name for number in range(4_000)]
    assert fits(names, (80, 20)) > 1e-4


@settings(max_examples=30, deadline=None)
@given(weights=st.lists(st.integers(1, 100), min_size=2, max_size=8), salt=st.text(max_size=20))
def test_shares_fit_whatever_the_weights(weights, salt):
    from tiny.bare_arms import bare_arms

    chooser = WeightedChooser(list(zip(bare_arms(len(weights)), weights, strict=True)), salt)
    assert fits(chosen(chooser, KEYS[:1_500]), weights) > 1e-6


def test_arm_without_weight_gets_nothing_but_may_be_named(make):
    chooser = make(100, 0)
    assert set(chosen(chooser)) == {"arm0"}
    assert chooser.choose([(b"x-arm", b"arm1")], "r").name == "arm1"


def test_key_has_the_same_arm_in_every_process(make):
    assert chosen(make(70, 30)) == chosen(make(70, 30))
    # Written down: a changed hash would move the callers of every rollout at an upgrade.
    assert "".join(name[-1] for name in chosen(make(70, 30))[:24]) == WRITTEN_DOWN


def test_rollouts_divide_keys_differently(make):
    first, second = chosen(make(50, 50, salt="a")), chosen(make(50, 50, salt="b"))
    same = sum(a == b for a, b in zip(first, second, strict=True))
    assert stats.binomtest(same, len(KEYS), 0.5).pvalue > 1e-4


@pytest.mark.parametrize(
    ("before", "after"), [((90, 10), (50, 50)), ((50, 50), (10, 90)), ((60, 30, 10), (60, 30, 20)), ((1, 99), (0, 100))]
)
def test_changed_weights_move_no_more_keys_than_they_must(make, before, after):
    old, new = chosen(make(*before)), chosen(make(*after))
    moved = Counter((a, b) for a, b in zip(old, new, strict=True) if a != b)
    shares = [[weight / sum(weights) for weight in weights] for weights in (before, after)]
    gained = {f"arm{n}" for n, (a, b) in enumerate(zip(*shares, strict=True)) if b > a}
    # Keys move to arms that gained alone, and as many as those gained.
    assert {to for _, to in moved} == gained
    assert not {source for source, _ in moved} & gained
    least = sum(max(0.0, b - a) for a, b in zip(*shares, strict=True))
    assert stats.binomtest(moved.total(), len(KEYS), least).pvalue > 1e-4


def test_request_of_a_key_goes_by_the_key_not_by_its_id(make):
    chooser = make(50, 50)
    arms = {chooser.choose([(b"x-routing-key", b"ada")], new_id()).name for _ in range(50)}
    assert arms == {chooser.arm_of(b"ada").name}


def test_named_arms_are_not_counted_as_drawn(make):
    chooser = make(50, 50)
    for header in ((b"x-arm", b"arm1"), (b"x-model-version", b"2"), (b"x-model-version", b"delay@2")):
        arm = chooser.choose([(b"accept", b"*/*"), header], "r")
        assert (arm.name, arm.served.version) == ("arm1", 2)
        assert arm not in chooser.arms
    assert chooser.choose([(b"x-arm", b"")], "r") in chooser.arms


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ((b"x-arm", b"amr1"), "arm1"),
        ((b"x-arm", b"\xff\xfe"), "arm0, arm1"),
        ((b"x-model-version", b"77"), "1, 2"),
    ],
)
def test_unknown_arm_or_version_is_an_error_that_names_those_there_are(make, header, told):
    with pytest.raises(NotFoundError) as caught:
        make(50, 50).choose([header], "r")
    assert told in caught.value.hint


@pytest.mark.parametrize("weights", [(0, 0), (1,) * 9])
def test_arms_that_cannot_be_chosen_from_are_refused(make, weights):
    with pytest.raises(ValueError, match="Expected 1 to 8 arms"):
        make(*weights)
