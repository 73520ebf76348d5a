"""Checks of windows whose season is known, and of those of which too little is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.monitoring import DriftSettings
from millwright.monitoring.threshold import Season, SeasonSettings, ThresholdMethod, ThresholdSettings

if TYPE_CHECKING:
    from millwright.monitoring import MonitorSettings

KINDS = {
    "constant": None,
    "deviations": ThresholdSettings(),
    "quantiles": ThresholdSettings(method=ThresholdMethod.QUANTILES),
}


@pytest.fixture(params=["reference", "log"])
def source(request: pytest.FixtureRequest) -> str:
    """Where the season is learned: the reference's rows have moments, or four days were logged before."""
    return str(request.param)


def learned(plant: Any, seasonal: MonitorSettings, source: str) -> MonitorSettings:
    """Four days have gone by, to noon; settings that learn the season there."""
    plant.pass_hours(96)
    plant.fold()
    if source == "log":
        return seasonal
    return replace(seasonal, season=replace(seasonal.season, column="at"))


def test_hour_of_its_own_is_drift_beside_all_of_the_reference(plant: Any, seasonal: MonitorSettings):
    plant.pass_hours(1)
    view = plant.look(replace(seasonal, season=SeasonSettings()))
    assert "drift" in plant.found(view)
    assert view.document["season"] is None


@pytest.mark.parametrize("kind", KINDS)
def test_season_raises_nothing_and_a_shift_within_it_is_found(
    plant: Any, seasonal: MonitorSettings, source: str, kind: str
):
    settings = replace(learned(plant, seasonal, source), chunks=KINDS[kind])
    for _ in range(8):  # from noon on, and past midnight
        plant.pass_hours(2)
        plant.fold()
        assert not {"drift", "missing_data", "anomalies"} & plant.found(plant.look(settings))
    plant.pass_hours(1, days=120.0)  # a night like a day, which is as far from all of the reference as a night is
    view = plant.look(settings)
    assert plant.found(view) >= {"drift"}
    assert "days" in view.findings[0].evidence["columns"]
    assert "hour of the day" in view.findings[0].message
    assert view.document["season"]["source"] == source
    assert view.document["season"]["periods"] >= 3


def test_performance_is_held_against_that_of_the_season(plant: Any, seasonal: MonitorSettings, source: str):
    settings = learned(plant, seasonal, source)
    if source == "log":  # the checks of the first day and of the last show that the model is as good as it was
        plant.check_hours(96, {"roc_auc": 0.76})
    plant.pass_hours(1)
    view = plant.look(settings)
    assert not {"performance", "drift"} & plant.found(view)
    assert view.document["season"]["performance"] is True
    assert view.report.reference_performance["roc_auc"] == pytest.approx(0.75, abs=0.08)
    plant.pass_hours(1, flip=0.45, rows=200)
    assert "performance" in plant.found(plant.look(settings))


def test_too_little_history_is_said_and_the_window_held_against_all(plant: Any, seasonal: MonitorSettings):
    plant.pass_hours(25)
    plant.fold()
    view = plant.look(seasonal)
    drift = next(finding for finding in view.findings if finding.kind == "drift")
    assert drift.message.endswith("judged without season: too little is known of it.")
    [note] = [note for note in view.document["notes"] if "season" in note]
    assert note.startswith("Judged without season: of the same hour of the day, the log has 1 period with 50 rows or")
    assert drift.evidence["season"]["source"] == ""


def test_log_that_is_not_counted_is_no_history(plant: Any, seasonal: MonitorSettings):
    plant.pass_hours(97)
    view = plant.look(seasonal)
    assert "drift" in plant.found(view)
    assert any("mw monitor backfill delay" in note for note in view.document["notes"])


def test_what_changed_for_good_is_found_after_any_time(plant: Any, seasonal: MonitorSettings):
    plant.pass_hours(24 * 5, days=160.0)  # longer than any period that is read
    plant.fold()
    settings = replace(seasonal, season=replace(seasonal.season, periods=3))
    view = plant.look(settings)
    assert "drift" in plant.found(view)
    assert "days" in view.document["season"]["held"]
    assert any("whole last period differs from the reference in days" in note for note in view.document["notes"])


def test_column_without_season_is_held_against_all_of_the_reference(plant: Any, seasonal: MonitorSettings):
    settings = learned(plant, seasonal, "reference")
    plant.pass_hours(1)
    season = replace(settings.season, without=frozenset({"days"}))
    view = plant.look(replace(settings, season=season))
    drifted = [record.column for record in view.report.drift if record.drifted]
    assert drifted == ["days"]


def test_limits_of_columns_are_of_several_kinds_at_once(plant: Any, seasonal: MonitorSettings, source: str):
    settings = learned(plant, seasonal, source)
    plant.pass_hours(1)
    rules = {
        "phase": ThresholdSettings(deviations=6.0),
        "urgent": ThresholdSettings(method=ThresholdMethod.QUANTILES, quantiles=(0.1, 0.9)),
    }
    drift = DriftSettings(columns={"days": 0.7}, rules=rules)
    found = {record.column: record.threshold for record in plant.look(replace(settings, drift=drift)).report.drift}
    assert found["days"] == 0.7
    assert found["prediction"] == 0.1  # the customary one
    assert 0 < found["urgent"] != 0.1
    narrower = replace(drift, rules={"phase": ThresholdSettings(deviations=2.0)})
    less = {record.column: record.threshold for record in plant.look(replace(settings, drift=narrower)).report.drift}
    assert less["phase"] < found["phase"]


@pytest.mark.parametrize(
    ("season", "window"),
    [
        (SeasonSettings(length=timedelta(days=1)), {}),
        (SeasonSettings(windows=24), {}),
        (SeasonSettings(windows=24, periods=3), {"last": 60}),
        (SeasonSettings(season=Season.AUTO), {}),
    ],
)
def test_period_may_be_a_duration_or_a_number_of_windows(
    plant: Any, seasonal: MonitorSettings, season: SeasonSettings, window: dict[str, Any]
):
    learned(plant, seasonal, "log")
    settings = replace(seasonal, season=season)
    plant.pass_hours(1)
    plant.fold()
    usual = plant.look(settings, **window)
    assert (usual.document["season"]["source"], usual.document["season"]["periods"]) == (
        "log",
        3 if window else 4,
    )
    assert "drift" not in plant.found(usual)
    plant.pass_hours(1, days=80.0)  # of a day
    assert "drift" in plant.found(plant.look(settings, **window))


def test_window_of_a_whole_period_is_held_against_all_of_the_reference(plant: Any, seasonal: MonitorSettings):
    plant.pass_hours(24)
    now = plant.world.clock.now()
    view = plant.look(seasonal, start=now - timedelta(days=1), end=now)
    assert "drift" not in plant.found(view)
    assert view.document["season"]["source"] == ""
    assert not any("season" in note for note in view.document["notes"])


def test_period_in_windows_takes_windows(plant: Any, seasonal: MonitorSettings):
    plant.pass_hours(1)
    settings = replace(seasonal, season=SeasonSettings(windows=7))
    view = plant.look(settings, version=1)
    assert any("takes windows of a time or of a number of rows" in note for note in view.document["notes"])


def test_column_that_is_no_date_is_refused_with_those_that_are(plant: Any, seasonal: MonitorSettings):
    plant.pass_hours(1)
    data = plant.world.register()  # its reference has no moments but its own date
    assert data.version == 2
    plant.world.log(plant.draw(60, seed=3), version=2)
    settings = replace(seasonal, season=replace(seasonal.season, column="strat"))
    with pytest.raises(InvalidInputError, match=r"no date 'strat'.*It has: start.*Did you mean 'start'"):
        plant.look(settings, version=2)
