from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.monitoring.quality.volume import Volume

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def usual(hour: datetime) -> float:
    """By day a hundred rows, by night ten."""
    return 100.0 if 8 <= hour.hour < 20 else 10.0


def history(weeks: int, seed: int = 0) -> dict[datetime, int]:
    generator = np.random.default_rng(seed)
    hours = [NOW - number * HOUR for number in range(13, 13 + weeks * 168)]
    return {hour: int(generator.poisson(usual(hour))) for hour in hours}


def morning(subject: Any, factor: float, weeks: int = 4, seed: int = 5, **parts: Any) -> Any:
    """Twelve hours that end now."""
    generator = np.random.default_rng(seed)
    hours = [NOW - number * HOUR for number in range(12, 0, -1)]
    at = [hour + timedelta(minutes=3) for hour in hours for _ in range(generator.poisson(factor * usual(hour)))]
    features = pl.DataFrame({"x": [1.0] * len(at)})
    reference = pl.DataFrame({"x": [1.0, 2.0]})
    return subject(features, reference=reference, at=at, start=hours[0], hours=history(weeks, seed), **parts)


def test_hours_that_are_like_those_of_earlier_weeks_are_fine(subject: Any):
    for seed in range(20):
        measures = Volume().measure(morning(subject, 1.0, seed=seed))
        assert [measure.what for measure in measures] == ["rows_per_hour", "usual_hours"]
        assert not any(measure.broken for measure in measures)


@pytest.mark.parametrize(("factor", "direction"), [(0.05, "fewer"), (5.0, "more")])
def test_hours_with_another_volume_are_found(subject: Any, factor: float, direction: str):
    found = Volume().measure(morning(subject, factor))[1]
    assert found.broken
    assert found.details == {"judged_hours": 12, "direction": direction}
    assert "2026-01-15T11:00:00+00:00" in found.expected
    assert f"{direction} rows than usual at that hour of the week" in found.message


def test_hours_are_not_judged_by_less_than_three_weeks(subject: Any):
    assert [measure.what for measure in Volume().measure(morning(subject, 0.05, weeks=2))] == ["rows_per_hour"]


def test_a_limit_counts_the_whole_hours_between_the_ends(subject: Any):
    start = NOW - timedelta(hours=4, minutes=30)
    window = subject(
        pl.DataFrame({"x": [1.0] * 8}), reference=pl.DataFrame({"x": [1.0, 2.0]}), at=[start] * 4 + [NOW - HOUR] * 4,
        start=start,
    )  # fmt: skip
    found = Volume(min_per_hour=2).measure(window)[0]
    assert (found.found, found.broken, found.details) == (1.0, True, {"hours": 4})
    assert found.message == "1 rows an hour over 4 hours; at least 2 are expected"
    assert not Volume(min_per_hour=0.5, max_per_hour=1.5).measure(window)[0].broken
    assert Volume(max_per_hour=0.5).measure(window)[0].broken
    assert "at most 0.5 are expected" in Volume(max_per_hour=0.5).measure(window)[0].message
    assert not Volume().measure(window)[0].judged


def test_a_window_without_a_whole_hour_is_not_judged(subject: Any, rows: Any):
    assert Volume(min_per_hour=1).measure(subject(rows(10))) == []


def test_settings_refuse_two_weeks_of_history():
    with pytest.raises(InvalidInputError, match="at least 3 weeks"):
        Volume(weeks=2)
