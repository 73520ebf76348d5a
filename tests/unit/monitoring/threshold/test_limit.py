from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from scipy import stats

from millwright.core.errors import InvalidInputError
from millwright.monitoring.threshold import Limits, Season, ThresholdMethod, ThresholdSettings

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
QUANTILES = ThresholdSettings(method=ThresholdMethod.QUANTILES, quantiles=(0.05, 0.95))


def test_constant_limits_are_those_given():
    limits = Limits.of([], ThresholdSettings(method=ThresholdMethod.CONSTANT, high=0.5))
    assert limits.judge(0.5).outside is None
    assert limits.judge(0.51).outside == "above"
    assert limits.judge(-9).outside is None
    assert limits.judge(float("nan")).outside is None


def test_deviations_are_the_prediction_interval_of_scipys_t():
    values = np.random.default_rng(3).normal(5, 2, 12)
    limits = Limits.of(values, ThresholdSettings(deviations=2))
    level = stats.norm.cdf(2) - stats.norm.cdf(-2)
    scale = values.std(ddof=1) * np.sqrt(1 + 1 / 12)
    assert (limits.low, limits.high) == pytest.approx(stats.t.interval(level, 11, loc=values.mean(), scale=scale))


@pytest.mark.parametrize(("size", "settings", "expected"), [
    (10, ThresholdSettings(deviations=2), 0.0455),
    (40, QUANTILES, 0.1),
])  # fmt: skip
def test_share_of_false_alarms_is_the_one_meant(size: int, settings: ThresholdSettings, expected: float):
    generator = np.random.default_rng(5)
    drawn = generator.normal(0, 1, (2_000, size + 1))
    outside = [Limits.of(row[:-1], settings).judge(row[-1]).outside is not None for row in drawn]
    assert np.mean(outside) == pytest.approx(expected, abs=3.5 * np.sqrt(expected / 2_000))


def weeks(number: int, *, seed: int = 0) -> tuple[list[datetime], np.ndarray]:
    """Requests per hour: many by day, few by night, half as many on Sundays."""
    at = [MONDAY + timedelta(hours=hour) for hour in range(number * 168)]
    usual = np.array([(100 + 80 * np.sin(m.hour / 24 * 2 * np.pi)) * (0.5 if m.weekday() == 6 else 1) for m in at])
    return at, usual + np.random.default_rng(seed).normal(0, 5, len(at))


@pytest.mark.parametrize("method", [ThresholdMethod.DEVIATIONS, ThresholdMethod.QUANTILES])
def test_seasonal_limits_find_a_silent_noon_that_others_take_for_night(method: ThresholdMethod):
    at, values = weeks(4)
    limits = Limits.of(values, ThresholdSettings(method=method), at=at)
    noon = at[-1] + timedelta(hours=7)  # six on Monday morning: the peak
    assert limits.season is Season.HOUR_OF_WEEK
    assert limits.judge(100, noon).outside == "below"
    assert limits.judge(180, noon).outside is None
    assert limits.judge(100).outside is None


def test_seasonal_limits_of_deviations_leave_out_what_is_meant():
    at, values = weeks(4)
    later, next_values = [moment + timedelta(weeks=4) for moment in at], weeks(4, seed=1)[1]
    limits = Limits.of(values, ThresholdSettings(deviations=2), at=at)
    outside = [
        limits.judge(value, moment).outside is not None for value, moment in zip(next_values, later, strict=True)
    ]
    assert np.mean(outside) == pytest.approx(0.0455, abs=0.03)


def test_bucket_that_was_never_seen_has_the_limits_of_all():
    at, values = weeks(4)
    working = [(moment, value) for moment, value in zip(at, values, strict=True) if moment.weekday() < 5]
    limits = Limits.of([value for _, value in working], at=[moment for moment, _ in working])
    sunday = limits.judge(100.0, MONDAY - timedelta(days=1))
    assert len(limits.seasonal) == 120
    assert (sunday.low, sunday.high) == (limits.low, limits.high)


def test_values_without_scatter_have_themselves_as_limits():
    limits = Limits.of([0.5] * 5)
    assert limits.judge(0.5).outside is None
    assert limits.judge(0.6).outside == "above"


def test_values_that_are_not_finite_are_left_out():
    assert Limits.of([1.0, float("nan"), 2.0, 3.0, float("inf")]).values == 3


def test_too_few_values_are_refused():
    with pytest.raises(InvalidInputError, match="at least 3 values"):
        Limits.of([1.0, 2.0, float("nan")])


def test_as_many_moments_as_values_are_asked_for():
    with pytest.raises(InvalidInputError, match="as many moments"):
        Limits.of([1.0, 2.0, 3.0], at=[MONDAY])
