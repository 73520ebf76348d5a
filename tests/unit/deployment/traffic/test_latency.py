from __future__ import annotations

from bisect import bisect_left

import numpy as np
import pytest

from millwright.deployment.traffic.latency import (
    LATENCY_BOUNDS,
    LATENCY_BUCKETS,
    count_beyond,
    log_mean,
    quantile,
)


def counts_of(seconds) -> list[int]:
    counts = [0] * LATENCY_BUCKETS
    for each in seconds:
        counts[bisect_left(LATENCY_BOUNDS, each)] += 1
    return counts


@pytest.fixture
def seconds():
    return np.random.default_rng(1).lognormal(-6, 0.5, 5_000)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95, 0.99])
def test_quantile_is_at_most_a_fifth_too_high(seconds, share):
    found, exact = quantile(counts_of(seconds), share), np.quantile(seconds, share)
    assert exact * 0.99 <= found <= exact * 1.21


def test_sure_quantile_is_above_the_plain_one_and_ends_at_the_last_request(seconds):
    counts = counts_of(seconds)
    assert quantile(counts, 0.95, sure=2.33) >= quantile(counts, 0.95)
    assert quantile(counts_of([0.001]), 0.95, sure=2.33) == quantile(counts_of([0.001]), 0.95)


def test_there_is_no_quantile_without_requests():
    assert quantile([0] * LATENCY_BUCKETS, 0.95) is None


def test_what_takes_longer_than_all_buckets_is_beyond_every_limit():
    counts = counts_of([500.0, 0.001])
    assert count_beyond(counts, 10.0) == 1
    assert quantile(counts, 0.99) == LATENCY_BOUNDS[-1]


def test_requests_beyond_a_limit_are_never_overcounted(seconds):
    for limit in (0.0005, 0.0024, 0.01):
        assert count_beyond(counts_of(seconds), limit) <= (seconds > limit).sum()


def test_mean_of_logarithms_is_near_the_exact_one(seconds):
    mean, variance = log_mean(counts_of(seconds), 1e-9)
    assert mean == pytest.approx(-6 + np.log(1.2) / 2, abs=0.02)
    assert variance == pytest.approx(0.25, rel=0.1)


def test_latencies_below_the_floor_are_all_alike():
    assert log_mean(counts_of([0.0001, 0.0004]), 0.001) == (pytest.approx(np.log(0.001)), pytest.approx(0.0))
