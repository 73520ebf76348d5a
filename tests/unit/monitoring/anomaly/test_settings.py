from __future__ import annotations

from typing import Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.monitoring.anomaly import AnomalySettings, PastSettings, SeriesSettings
from millwright.monitoring.threshold import ThresholdMethod, ThresholdSettings


@pytest.mark.parametrize(
    "values",
    [{"expected_share": 0.0}, {"max_share": 0.005}, {"min_rows": 0}, {"sample": 10}, {"examples": -1}],
)
def test_settings_of_rows_outside_their_range_are_refused(values: dict[str, Any]):
    with pytest.raises(InvalidInputError, match="Expected"):
        AnomalySettings(**values)


@pytest.mark.parametrize("values", [{"limit": 0.0}, {"min_periods": 1}, {"min_values": 4}])
def test_settings_of_series_outside_their_range_are_refused(values: dict[str, Any]):
    with pytest.raises(InvalidInputError, match="Expected"):
        SeriesSettings(**values)


def test_constant_limits_are_no_limits_of_the_past():
    with pytest.raises(InvalidInputError, match="found constant ones"):
        PastSettings(limits=ThresholdSettings(method=ThresholdMethod.CONSTANT, low=0.5))
