from __future__ import annotations

from typing import Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.monitoring.threshold import ThresholdMethod, ThresholdSettings


@pytest.mark.parametrize(
    "values",
    [
        {"deviations": 0.0},
        {"deviations": float("inf")},
        {"quantiles": (0.9, 0.1)},
        {"quantiles": (0.1, 1.1)},
        {"low": 2.0, "high": 1.0},
        {"low": float("nan")},
        {"method": ThresholdMethod.CONSTANT},
    ],
)
def test_settings_that_cannot_be_met_are_refused(values: dict[str, Any]):
    with pytest.raises(InvalidInputError, match="Expected"):
        ThresholdSettings(**values)
