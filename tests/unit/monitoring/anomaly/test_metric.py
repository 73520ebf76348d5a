from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from millwright.monitoring.anomaly.metric import compare_with_past
from millwright.monitoring.anomaly.settings import PastSettings, SeriesSettings
from millwright.monitoring.threshold import Season, ThresholdMethod, ThresholdSettings

START = datetime(2026, 1, 5, tzinfo=UTC)


def past(count: int, *, every: timedelta, season: float = 0.0, seed: int = 1) -> list[tuple[datetime, float]]:
    """A metric about 0.8 that swings with the hour of the day."""
    generator = np.random.default_rng(seed)
    moments = [START + number * every for number in range(count)]
    swing = [season * np.sin(2 * np.pi * moment.hour / 24) for moment in moments]
    return [(moment, 0.8 + up + float(generator.normal(0, 0.005))) for moment, up in zip(moments, swing, strict=True)]


def test_value_that_is_usual_at_that_hour_is_not_odd_and_at_another_hour_it_is():
    known = past(24 * 8, every=timedelta(hours=1), season=0.1)
    at = START + timedelta(days=8, hours=6)  # the height of the day; five hours were not checked

    usual = compare_with_past(0.9, at, known)
    odd = compare_with_past(0.7, at, known)

    assert usual is not None
    assert odd is not None
    assert (usual.is_odd, usual.seasonal, usual.checks) == (False, True, 192)
    assert (odd.is_odd, odd.score < 0) == (True, True)
    assert odd.usual == pytest.approx(0.9, abs=0.01)


def test_without_a_season_the_neighbours_tell():
    known = past(30, every=timedelta(hours=7))
    at = START + 30 * timedelta(hours=7)

    found = [compare_with_past(value, at, known) for value in (0.803, 0.6)]

    assert [each.is_odd for each in found if each] == [False, True]
    assert [each.seasonal for each in found if each] == [False, False]


def test_undrifted_checks_are_seldom_odd():
    at = START + timedelta(hours=100)
    values = [0.8 + float(np.random.default_rng(seed).normal(0, 0.005)) for seed in range(100)]
    hourly = timedelta(hours=1)
    found = [compare_with_past(value, at, past(100, every=hourly, seed=1_000 + n)) for n, value in enumerate(values)]

    assert sum(each.is_odd for each in found if each) == 0


def test_few_checks_and_a_metric_that_never_moved_tell_nothing():
    still = [(START + number * timedelta(hours=1), 1.0) for number in range(50)]
    at = START + timedelta(hours=50)

    assert compare_with_past(0.5, at, still[:5]) is None
    unmoved = compare_with_past(1.0, at, still)
    assert unmoved is not None
    assert not unmoved.is_odd
    assert compare_with_past(0.5, START, still) is None  # none is earlier


BY_HOUR = ThresholdSettings(method=ThresholdMethod.QUANTILES, quantiles=(0.01, 0.99))


@pytest.mark.parametrize("rule", [BY_HOUR, ThresholdSettings()], ids=["quantiles", "deviations"])
def test_limits_of_the_hour_tell_what_is_odd_then(rule: ThresholdSettings):
    known = past(24 * 8, every=timedelta(hours=1), season=0.1)
    height, depth = START + timedelta(days=8, hours=6), START + timedelta(days=8, hours=18)
    settings = PastSettings(limits=rule)

    found = [
        compare_with_past(value, at, known, settings) for value, at in ((0.9, height), (0.7, depth), (0.7, height))
    ]

    assert [each.is_odd for each in found if each] == [False, False, True]
    assert all(each.seasonal and each.low is not None and each.low < each.usual for each in found if each)
    assert [each.score < -1 for each in found if each] == [False, False, True]


def test_without_a_season_limits_are_those_of_the_whole_day():
    known = past(24 * 8, every=timedelta(hours=1), season=0.1)
    at = START + timedelta(days=8, hours=6)
    still = replace(BY_HOUR, season=Season.NONE)

    found = compare_with_past(0.72, at, known, PastSettings(limits=still))
    trend = compare_with_past(
        0.8, START + timedelta(days=8), known, PastSettings(series=SeriesSettings(season=Season.NONE))
    )

    assert found is not None
    assert trend is not None
    assert (found.is_odd, found.seasonal, trend.seasonal) == (False, False, False)


def test_past_is_left_out_when_it_is_switched_off_or_short_or_never_moved():
    known = past(40, every=timedelta(hours=1))
    at = START + timedelta(hours=40)
    still = [(moment, 1.0) for moment, _ in known]

    assert compare_with_past(0.5, at, known, PastSettings(enabled=False)) is None
    assert compare_with_past(0.5, at, known, PastSettings(series=SeriesSettings(min_values=42))) is None
    assert compare_with_past(0.5, at, known, PastSettings(series=SeriesSettings(min_values=41))) is not None
    assert compare_with_past(0.5, at, still, PastSettings(limits=BY_HOUR)) is None


def test_season_of_the_week_is_told_apart_after_three_weeks_of_hours():
    known = past(520, every=timedelta(hours=1), season=0.1)
    week = PastSettings(limits=replace(BY_HOUR, season=Season.HOUR_OF_WEEK))
    found = [compare_with_past(0.8, START + timedelta(hours=520), known[-n:], week) for n in (520, 503)]
    assert [each.seasonal for each in found if each] == [True, False]
