from __future__ import annotations

import numpy as np
import pytest

from millwright.core.errors import InvalidInputError
from millwright.monitoring.anomaly import SeriesSettings, find_anomalies

HOURS = np.arange(24 * 14)


def requests(seed: int, noise: float = 3.0) -> np.ndarray:
    """Requests per hour over two weeks, growing, many by day."""
    drawn = np.random.default_rng(seed).normal(0, noise, HOURS.size)
    return 100 + 0.05 * HOURS + 50 * np.sin(HOURS / 24 * 2 * np.pi) + drawn


def test_odd_values_are_found_that_are_within_the_range_of_the_others():
    generator = np.random.default_rng(1)
    hits = 0
    for seed in range(40):
        values = requests(seed)
        place = int(generator.integers(0, HOURS.size))
        values[place] += 24 if values[place] < 110 else -24
        found = find_anomalies(values, 24)
        hits += found is not None and place in found.odd
    assert hits >= 38


def test_false_alarms_are_rare_on_series_without_anomalies():
    found = [find_anomalies(requests(seed), 24) for seed in range(60)]
    assert sum(len(each.odd) for each in found if each) <= 1


def test_usual_is_the_trend_and_season_that_made_the_series():
    found = find_anomalies(requests(3), 24)
    assert found is not None
    assert found.seasonal
    assert np.abs(found.usual - requests(0, noise=0.0))[12:-12].mean() < 1.5
    assert np.nanstd(found.scores) == pytest.approx(1, abs=0.15)


def test_gaps_are_neither_odd_nor_in_the_way():
    values = requests(5)
    values[30:40] = np.nan
    values[100] = -50
    found = find_anomalies(values, 24)
    assert found is not None
    assert found.odd == (100,)
    assert np.isnan(found.scores[30:40]).all()


def test_level_that_moves_for_good_is_odd_at_first_only():
    values = np.random.default_rng(2).normal(0, 1, 100)
    values[50:] += 20
    found = find_anomalies(values)
    assert found is not None
    assert not found.seasonal
    assert set(found.odd) <= set(range(44, 57))
    assert 50 in found.odd


def test_season_is_left_out_with_fewer_periods_than_it_takes():
    found = find_anomalies(requests(1)[:60], 24)
    assert found is not None
    assert not found.seasonal


def test_spike_of_an_otherwise_constant_series_is_odd():
    values = np.full(60, 7.0)
    flat = find_anomalies(values)
    assert flat is not None
    assert flat.odd == ()
    values[30] = 8
    spike = find_anomalies(values)
    assert spike is not None
    assert spike.odd == (30,)


def test_limit_is_in_robust_standard_deviations():
    values = np.random.default_rng(4).normal(0, 1, 2_000)
    found = find_anomalies(values, None, SeriesSettings(limit=2.0))
    assert found is not None
    assert len(found.odd) / 2_000 == pytest.approx(0.0455, abs=0.02)


def test_too_few_values_are_not_judged():
    assert find_anomalies([1.0] * 11) is None
    assert find_anomalies([float("nan")] * 50) is None


def test_period_of_one_value_is_refused():
    with pytest.raises(InvalidInputError, match="period of at least 2"):
        find_anomalies([1.0] * 50, 1)
