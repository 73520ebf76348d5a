from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.monitoring.threshold import Season, SeasonSettings
from millwright.monitoring.threshold.season_settings import read_season


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"season": Season.AUTO, "windows": 7}, "found several"),
        ({"windows": 1}, "at least 2 windows"),
        ({"length": timedelta(0)}, "longer than nothing"),
        ({"periods": 2}, "3 to 52 periods"),
        ({"false_discovery_rate": 0.0}, "above 0 and below 1"),
    ],
)
def test_settings_that_make_no_season_are_refused(given: dict[str, Any], said: str):
    with pytest.raises(InvalidInputError, match=said):
        SeasonSettings(**given)


def test_season_is_read_by_name_or_number_of_windows():
    assert read_season("hour_of_week") == (Season.HOUR_OF_WEEK, None)
    assert read_season("1 window") == (Season.NONE, 1)
    with pytest.raises(InvalidInputError, match=r"found 'hour_of_weak'.*Did you mean 'hour_of_week'"):
        read_season("hour_of_weak")


def test_nothing_is_told_apart_by_default():
    assert not SeasonSettings().enabled
    assert SeasonSettings(windows=2).enabled
