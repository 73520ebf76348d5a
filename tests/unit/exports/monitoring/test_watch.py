from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError
from millwright.exports.monitoring.watch import WatchPlan


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"servers": ("http://a:8000/",)}, "HOST:PORT"),
        ({"hold": "five minutes"}, "duration"),
        ({"scrape": "0s"}, "duration"),
        ({"error_share": 1.5}, "share of errors"),
        ({"p99_s": 0.0}, "limits above 0"),
    ],
)
def test_plan_refuses_what_prometheus_could_not_read(given, told):
    with pytest.raises(InvalidInputError, match=told):
        WatchPlan(**given)
