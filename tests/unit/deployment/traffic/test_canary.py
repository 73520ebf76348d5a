from __future__ import annotations

from bisect import bisect_left

import numpy as np
import pytest

from millwright.core.records.rollout import CanaryLimits
from millwright.deployment.traffic.canary import Outcome, judge, requests_for_look
from millwright.deployment.traffic.latency import LATENCY_BOUNDS
from millwright.deployment.traffic.tally import Tally

LIMITS = CanaryLimits()


def arm(rng, requests: int, *, errors: float = 0.0, ms: float = 2.0, mean: float = 0.0) -> Tally:
    """So many requests, a share of them errors, latencies around some milliseconds, predictions around a mean."""
    failed = int(rng.binomial(requests, errors))
    seconds = rng.lognormal(np.log(ms / 1e3), 0.4, requests)
    tally = Tally(answered=requests, failed=failed, seconds=float(seconds.sum()))
    for each in seconds:
        tally.latencies[bisect_left(LATENCY_BOUNDS, each)] += 1
    tally.add_outputs([{"prediction": float(value)} for value in rng.normal(mean, 1, requests - failed)])
    return tally


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def test_nothing_is_decided_before_both_arms_have_answered_enough(rng):
    for primary, canary in ((1_800, 199), (150, 900)):
        found = judge(arm(rng, primary, ms=1), arm(rng, canary, errors=0.9, ms=900, mean=9), LIMITS, look=1)
        assert found.outcome is Outcome.OPEN
        assert f"{min(primary, canary)} of at least 200" in found.reason


def test_good_canary_is_shown_to_be_good(rng):
    found = judge(arm(rng, 4_500), arm(rng, 500), LIMITS, look=1)
    assert found.outcome is Outcome.GOOD, found.reason
    assert found.evidence["errors"]["increase_upper_95"] <= LIMITS.max_error_increase
    assert found.evidence["canary"]["answered"] == 500


@pytest.mark.parametrize(
    ("trouble", "told"),
    [({"errors": 0.15}, "ended in an error"), ({"ms": 8.0}, "ms, of the primary's"), ({"mean": 1.5}, "PSI")],
)
def test_bad_canary_is_shown_to_be_bad(rng, trouble, told):
    found = judge(arm(rng, 3_600), arm(rng, 400, **trouble), LIMITS, look=1)
    assert found.outcome is Outcome.BAD
    assert told in found.reason
    assert found.reason.count(".") >= 1


def test_refused_requests_count_like_failed_ones(rng):
    canary = arm(rng, 400)
    canary.refused = 100
    assert judge(arm(rng, 3_600), canary, LIMITS, look=1).outcome is Outcome.BAD


def test_too_few_requests_to_rule_out_more_errors_are_waited_for(rng):
    primary, canary = arm(rng, 2_000), arm(rng, 210)
    canary.failed = 2
    found = judge(primary, canary, LIMITS, look=1)
    assert found.outcome is Outcome.OPEN
    assert "Not yet shown" in found.reason


def test_errors_that_both_arms_have_speak_against_neither(rng):
    found = judge(arm(rng, 9_000, errors=0.05), arm(rng, 3_000, errors=0.05), LIMITS, look=1)
    assert found.outcome is Outcome.GOOD, found.reason


def test_latencies_below_the_floor_are_not_compared(rng):
    assert judge(arm(rng, 2_000, ms=0.1), arm(rng, 500, ms=0.35), LIMITS, look=1).outcome is Outcome.GOOD


def test_predictions_are_not_looked_at_without_a_limit(rng):
    limits = CanaryLimits(max_shift=None)
    assert judge(arm(rng, 3_600), arm(rng, 400, mean=3), limits, look=1).outcome is Outcome.GOOD


def test_later_looks_need_stronger_evidence():
    levels = [judge(Tally(), Tally(), LIMITS, look=look).evidence["level"] for look in range(1, 200)]
    assert levels == sorted(levels, reverse=True)
    assert 3 * sum(levels) < LIMITS.alpha
    assert [requests_for_look(LIMITS, looks) for looks in range(4)] == [200, 250, 313, 391]


@pytest.mark.slow
def test_equal_canary_is_nearly_never_rolled_back_however_often_one_looks():
    rng, rolled_back = np.random.default_rng(11), 0
    limits = CanaryLimits(max_error_increase=0.0, max_slowdown=1.01, max_shift=1e-9, latency_floor_s=0.0)
    for _ in range(60):
        for look in range(1, 7):
            size = requests_for_look(limits, look - 1)
            found = judge(arm(rng, size, errors=0.1), arm(rng, size, errors=0.1), limits, look=look)
            rolled_back += found.outcome is Outcome.BAD
    # Even with limits of nothing at all, at most 1 in 100 by design: 4 of 60 would have a chance of 0.4 %.
    assert rolled_back < 4
