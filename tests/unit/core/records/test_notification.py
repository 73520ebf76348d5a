from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from millwright.core.records.monitor import Severity
from millwright.testing import sample
from millwright.testing.notifications import notification, silence

ALERT = replace(sample.alert("delay-eu"), severity=Severity.WARNING, monitor="hourly")


@pytest.mark.parametrize(
    ("changes", "minutes", "holds"),
    [
        ({}, 0, True),
        ({}, 59, True),
        ({}, 60, False),
        ({}, -1, False),
        ({"endpoint": "delay*"}, 0, True),
        ({"endpoint": "delay"}, 0, False),
        ({"monitor": "hourly"}, 0, True),
        ({"monitor": "hour*", "endpoint": "delay-eu"}, 0, True),
        ({"monitor": "daily"}, 0, False),
        ({"kind": "drift"}, 0, True),
        ({"kind": "bias"}, 0, False),
        ({"severity": Severity.WARNING}, 0, True),
        ({"severity": Severity.INFO}, 0, False),
    ],
)
def test_silence_holds_back_what_it_names_while_it_lasts(changes: dict[str, Any], minutes: int, holds: bool):
    record = silence(ends_at=sample.NOON + timedelta(hours=1), **changes)
    assert record.holds_back(ALERT, sample.NOON + timedelta(minutes=minutes)) is holds


def test_alert_of_a_check_by_hand_is_held_back_by_silences_of_no_monitor_alone():
    by_hand, lasting = replace(ALERT, monitor=""), {"ends_at": sample.NOON + timedelta(hours=1)}
    assert silence(**lasting).holds_back(by_hand, sample.NOON)
    assert not silence(**lasting, monitor="hourly").holds_back(by_hand, sample.NOON)


def test_news_of_one_route_and_endpoint_gather():
    assert notification().stream == notification(channels=("x",)).stream != notification(endpoint="other").stream
