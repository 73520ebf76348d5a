from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from millwright.models.signature import Signature
from millwright.monitoring import DriftSettings, MonitorSettings, load_reference
from millwright.monitoring.chunk_limit import drift_limits
from millwright.monitoring.live.monitor import LiveMonitor
from millwright.monitoring.monitored_column import monitored_columns
from millwright.monitoring.reference import DOCUMENT
from millwright.monitoring.threshold import Season, SeasonSettings, ThresholdMethod, ThresholdSettings
from millwright.monitoring.window import Window

BY_QUANTILES = ThresholdSettings(method=ThresholdMethod.QUANTILES, quantiles=(0.05, 0.95))


@pytest.fixture
def live(world: Any) -> LiveMonitor:
    world.register()
    return LiveMonitor(world.stores, world.clock)


def expected(world: Any, settings: MonitorSettings, rows: int) -> dict[str, float]:
    """The limits that a check of so many rows would have."""
    version = world.stores.models.get_version("delay", 1)
    signature = Signature.from_json(version.signature)
    reference = load_reference(world.stores.artifacts.get(version.documents[DOCUMENT]))
    values = {
        column: (reference.answers.outputs if column.output else reference.training.inputs)[column.name]
        for column in monitored_columns(signature)
    }
    return dict(drift_limits(settings.drift, settings.chunks, values, rows).columns)


def thresholds(found: Any) -> dict[str, float]:
    return {column.record.column: column.record.threshold for column in found.drift}


def test_window_of_counts_is_judged_by_the_limits_that_a_check_of_its_rows_would_have(
    world: Any, draw_rows: Any, live: LiveMonitor
) -> None:
    world.log(draw_rows(90, seed=5))
    world.clock.advance(timedelta(hours=2))
    live.step()
    customary = thresholds(live.query.drift("delay"))
    settings = MonitorSettings(drift=DriftSettings(rules={"days": BY_QUANTILES}))
    for window in (Window(), Window(last=90)):
        found = live.query.drift("delay", window, settings)
        limits = expected(world, settings, 90)
        assert thresholds(found) == {**customary, "days": pytest.approx(limits["days"])}
        assert found.caveats == ()
    for_all = MonitorSettings(chunks=ThresholdSettings())
    assert thresholds(live.query.drift("delay", settings=for_all)) == pytest.approx(expected(world, for_all, 90))


def test_season_is_left_out_and_said_so(world: Any, draw_rows: Any, live: LiveMonitor) -> None:
    world.log(draw_rows(90, seed=5))
    world.clock.advance(timedelta(hours=2))
    live.step()
    found = live.query.drift("delay", settings=MonitorSettings(season=SeasonSettings(season=Season.HOUR_OF_DAY)))
    assert "the season takes rows" in found.caveats[0]
    assert found.document()["notes"] == list(found.caveats)
