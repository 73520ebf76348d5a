from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import ConfigurationError
from millwright.workspace.settings import load_settings

if TYPE_CHECKING:
    from millwright.workspace.monitor_settings import MonitorDeclaration


def monitor(tmp_path, text: str) -> MonitorDeclaration:
    channel = "[channels.ops]\nurl = 'json://127.0.0.1'\n"
    (tmp_path / "millwright.toml").write_text(f"{channel}[monitors.delay]\nendpoint = 'delay'\n{text}\n")
    return load_settings(tmp_path).monitors["delay"]


def test_declaration_is_read_from_the_project_file(tmp_path):
    found = monitor(
        tmp_path,
        """
        every = "10m"
        window = "7d"
        rows = 500
        reference = "visits@3"
        thresholds = {psi_threshold = 0.1, p95_ms = 20}
        severity = {drift = "critical"}
        channels = ["ops"]
        groups = ["region"]
        action = {pipeline = "pipeline.py", on = ["drift"], quiet_hours = ["sat,sun"], every = "30d", canary = true}
        """,
    )
    assert (found.every, found.window, found.rows) == (timedelta(minutes=10), timedelta(days=7), 500)
    assert (found.reference, found.groups, found.enabled) == ("visits@3", ("region",), True)
    assert found.action is not None
    assert (found.action.every, found.action.canary) == (timedelta(days=30), True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('windw = "24h"', "unknown key 'windw'. Did you mean 'window'?"),
        ('action = {pipelin = "p.py"}', "unknown key 'pipelin'. Did you mean 'pipeline'?"),
        ('window = "1 day"', "expected a duration above zero, such as 90s, 10m, 24h, 7d or 2w; found '1 day'"),
        ('every = "0s"', "expected a duration above zero"),
        ('reference = "test"', "expected the reference training, held_out or DATASET@VERSION, found 'test'"),
        ("thresholds = {psi_treshold = 1}", "unknown threshold 'psi_treshold'. Did you mean 'psi_threshold'?"),
        ("thresholds = {drift_share = 2}", "less than or equal to 1"),
        ("thresholds = {p95_ms = 0}", "greater than 0"),
        ("thresholds = {past_seson = 'none'}", "unknown threshold 'past_seson'. Did you mean 'past_season'?"),
        ("thresholds = {past_season = 'month'}", "'hour_of_day', 'day_of_week' or 'hour_of_week'"),
        ("thresholds = {past = 'usual'}", "'trend', 'deviations', 'quantiles' or 'off'"),
        ("thresholds = {limit_quantiles = [0.9, 0.1]}", "two quantiles in order, from 0 to 1, found 0.9 and 0.1"),
        ("thresholds = {past_limit = 0}", "greater than 0"),
        ('severity = {drift = "bad"}', "'info', 'warning' or 'critical'"),
        ('action = {pipeline = "p.py", quiet_hours = ["22-6"]}', "Expected quiet hours, found '22-6'"),
        ('action = {pipeline = "p.py", time_zone = "Berlin"}', "there is no time zone 'Berlin'"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(tmp_path, text, message):
    with pytest.raises(ConfigurationError) as caught:
        monitor(tmp_path, text)
    assert message in str(caught.value)
