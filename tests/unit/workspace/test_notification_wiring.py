from __future__ import annotations

from datetime import timedelta

import pytest

from millwright.core.errors import ConfigurationError
from millwright.core.records.monitor import Severity
from millwright.monitoring.alerting import AlertRules
from millwright.workspace.alert_settings import AlertSettings
from millwright.workspace.notification_wiring import alert_routes, alert_rules
from millwright.workspace.settings import Settings

ROUTES = [
    {"channels": ["ops"], "kinds": ["drift"], "severity": "warning", "repeat_minutes": 5},
    {"name": "night", "channels": ["pager"], "escalate_to": ["boss"], "escalate_after_minutes": 10},
]


def test_routes_are_taken_from_the_settings_in_their_order():
    first, second = alert_routes(Settings.model_validate({"routes": ROUTES}))
    assert (first.name, first.kinds, first.severity) == ("1", {"drift"}, Severity.WARNING)
    assert first.repeat == timedelta(minutes=5)
    assert (second.name, second.escalate_to, second.escalate_after) == ("night", ("boss",), timedelta(minutes=10))


def test_monitor_with_channels_has_a_route():
    declared = {"hourly": {"endpoint": "delay", "channels": ["ops"]}, "quiet": {"endpoint": "delay"}}
    (route,) = alert_routes(Settings.model_validate({"monitors": declared}))
    assert (route.name, route.endpoint, route.channels) == ("monitor:hourly", "delay", ("ops",))


def test_route_with_an_unknown_kind_names_the_nearest():
    settings = Settings.model_validate({"routes": [{"channels": ["x"], "kinds": ["drif"]}]})
    with pytest.raises(ConfigurationError, match="Did you mean 'drift'"):
        alert_routes(settings)


def test_rules_have_the_same_defaults_as_the_settings():
    assert alert_rules(AlertSettings()) == AlertRules()
