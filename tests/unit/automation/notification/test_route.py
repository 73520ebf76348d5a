from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from millwright.automation.notification import Route
from millwright.core.errors import InvalidInputError
from millwright.core.records.monitor import Severity
from millwright.testing import sample

ALERT = replace(sample.alert("delay-eu"), severity=Severity.WARNING, monitor="hourly")


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        ({}, True),
        ({"endpoint": "delay-*"}, True),
        ({"endpoint": "delay"}, False),
        ({"kinds": frozenset({"drift"})}, True),
        ({"kinds": frozenset({"bias"})}, False),
        ({"severity": Severity.WARNING}, True),
        ({"severity": Severity.CRITICAL}, False),
        ({"monitor": "hourly"}, True),
        ({"monitor": "daily"}, False),
    ],
)
def test_route_fits_by_endpoint_monitor_kind_and_least_severity(rule: dict[str, Any], fits: bool):
    assert Route(name="1", channels=("ops",), **rule).fits(ALERT) is fits


def test_route_knows_who_is_told_under_its_names():
    route = Route(name="1", channels=("ops", "mail"), escalate_to=("lead", "boss"))
    assert route.channels_of("1") == ("ops", "mail")
    assert route.channels_of(route.escalated_name("boss")) == ("boss",)
    assert route.channels_of("2") == ()


@pytest.mark.parametrize("rule", [{"channels": ()}, {"channels": ("a",), "repeat": timedelta(-1)}])
def test_route_that_makes_no_sense_is_refused(rule: dict[str, Any]):
    with pytest.raises(InvalidInputError, match="Route '1'"):
        Route(name="1", **rule)
