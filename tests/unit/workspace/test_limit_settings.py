"""Limits of the project file: by season, by column, and of metrics."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import ConfigurationError
from millwright.monitoring.threshold import Season, ThresholdMethod
from millwright.workspace.closed_loop import declarations
from millwright.workspace.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.monitoring.settings import MonitorSettings


def judged(folder: Path, text: str) -> MonitorSettings:
    (folder / "millwright.toml").write_text(f"[monitors.delay]\nendpoint = 'delay'\n{text}")
    [found] = declarations(load_settings(folder))
    return found.settings


def test_each_kind_of_limit_is_set_by_column(tmp_path: Path):
    found = judged(
        tmp_path,
        "thresholds = {limits = 'deviations', limit_deviations = 4, categorical_threshold = 0.15}\n"
        "[monitors.delay.columns]\n"
        "days = {limit = 0.3}\n"
        "phase = {limits = 'quantiles', limit_quantiles = [0.01, 0.99]}\n"
        "cost = {limit_deviations = 2}\n"
        "area = {limits = 'deviations'}\n"
        "hour = {season = false}\n",
    )
    assert found.drift.columns == {"days": 0.3}
    assert found.drift.thresholds["jensen_shannon"] == 0.15
    rules = found.drift.rules
    assert (rules["phase"].method, rules["phase"].quantiles) == (ThresholdMethod.QUANTILES, (0.01, 0.99))
    assert [(rules[name].method, rules[name].deviations) for name in ("cost", "area")] == [
        (ThresholdMethod.DEVIATIONS, 2),
        (ThresholdMethod.DEVIATIONS, 4),
    ]
    assert found.chunks is not None
    assert found.chunks.deviations == 4
    assert found.season.without == frozenset({"hour"})


@pytest.mark.parametrize(
    ("said", "season", "length", "windows"),
    [
        ("hour_of_week", Season.HOUR_OF_WEEK, None, None),
        ("8h", Season.NONE, timedelta(hours=8), None),
        ("2 w", Season.NONE, timedelta(weeks=2), None),
        ("7 windows", Season.NONE, None, 7),
        ("none", Season.NONE, None, None),
    ],
)
def test_season_is_a_name_a_duration_or_a_number_of_windows(
    tmp_path: Path, said: str, season: Season, length: timedelta | None, windows: int | None
):
    text = f"thresholds = {{season = '{said}', season_column = 'at', season_periods = 4}}"
    found = judged(tmp_path, text).season
    assert (found.season, found.length, found.windows, found.column, found.periods) == (
        season, length, windows, "at", 4,
    )  # fmt: skip


def test_limits_of_metrics_are_those_that_are_said(tmp_path: Path):
    found = judged(tmp_path, "[monitors.delay.metrics]\nrecall = {low = 0.7}\nlog_loss = {low = 0.01, high = 0.6}\n")
    limits = found.performance.limits
    assert (limits["recall"].low, limits["recall"].high) == (0.7, None)
    assert (limits["log_loss"].low, limits["log_loss"].high) == (0.01, 0.6)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("thresholds = {season = 'hour_of_weak'}", r"monitors\.delay\.thresholds\.season.*Did you mean 'hour_of_week'"),
        ("thresholds = {season = '1 windows'}", "at least 2 windows"),
        ("thresholds = {season = '0h'}", "expected a duration above zero"),
        ("thresholds = {season_periods = 2}", "season_periods.*greater than or equal to 3"),
        ("columns = {days = {limits = 'constant'}}", r"monitors\.delay\.columns\.days.*expected limit"),
        ("columns = {days = {limits = 'quantiles', limit = 0.2}}", "expected no limit for limits = 'quantiles'"),
        ("columns = {days = {limit = 0}}", r"columns\.days\.limit.*greater than 0"),
        ("columns = {days = {limit_quantiles = [0.9, 0.1]}}", "two quantiles in order"),
        ("columns = {days = {limt = 0.2}}", "unknown key 'limt'.*Did you mean 'limit'"),
        ("metrics = {recal = {low = 0.7}}", r"monitors\.delay\.metrics\.recal.*Did you mean 'recall'.*Known: accuracy"),
        ("metrics = {recall = {low = 70}}", r"monitors\.delay\.metrics\.recall\.low.*from 0 to 1.*found 70"),
        ("metrics = {recall = {}}", r"monitors\.delay\.metrics\.recall.*expected low, high or both"),
        ("metrics = {rmse = {low = 3, high = 2}}", "expected low below high, found 3 and 2"),
        ("metrics = {rmse = {low = nan}}", r"metrics\.rmse\.low.*finite"),
        ("metrics = {rmse = {below = 3}}", "unknown key 'below'"),
    ],
)
def test_what_is_wrong_is_refused_with_its_key(tmp_path: Path, text: str, said: str):
    with pytest.raises(ConfigurationError, match=said):
        judged(tmp_path, text)
