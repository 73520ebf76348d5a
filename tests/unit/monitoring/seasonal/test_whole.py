from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from millwright.monitoring import PerformanceSettings, Window
from millwright.monitoring.live.known import KnownVersions
from millwright.monitoring.live.query import LiveQuery
from millwright.monitoring.seasonal.whole import drifted_columns, performance_held

END = datetime(2026, 1, 15, tzinfo=UTC)
DAY = timedelta(days=1)


def test_whole_period_shows_what_changed_for_good_and_no_season(plant: Any):
    world = plant.world
    query = LiveQuery(world.stores, KnownVersions(world.stores), world.clock)
    plant.pass_hours(24)
    plant.fold()
    first = Window(start=world.clock.now() - DAY, end=world.clock.now(), version=1)
    assert drifted_columns(query, "delay", first, rows=60) == frozenset()
    assert drifted_columns(query, "delay", first, rows=24 * 60 + 1) is None  # not all of it is counted
    plant.pass_hours(24, days=160.0)
    plant.fold()
    second = Window(start=first.end, end=world.clock.now(), version=1)
    found = drifted_columns(query, "delay", second, rows=60)
    assert found is not None
    assert "days" in found


@pytest.mark.parametrize(("values", "held"), [([0.8, 0.74], True), ([0.8, 0.6], False), ([0.8], False), ([], False)])
def test_performance_of_a_period_is_that_of_its_checks(values: list[float], held: bool):
    earlier = [(END - number * timedelta(hours=1), {"roc_auc": value}) for number, value in enumerate(values)]
    others = [(END + DAY, {"roc_auc": 0.1}), (END - DAY, {"roc_auc": 0.1}), (END, {"accuracy": 0.1})]
    known = {"roc_auc": 0.8}
    told = performance_held([*earlier, *others], (END - DAY, END), "roc_auc", known, PerformanceSettings())
    assert told is held
    assert not performance_held(earlier, (END - DAY, END), "roc_auc", {}, PerformanceSettings())


@pytest.mark.parametrize(("first", "held"), [(0.74, True), (0.85, False)])
def test_performance_of_a_period_is_beside_the_first_of_the_version(first: float, held: bool):
    # Each hour is harder than all hours together, as they are in the evaluation: that is no loss.
    hours = [END - number * timedelta(hours=1) for number in range(96)]
    earlier = [(hour, {"roc_auc": first if hour <= END - 3 * DAY else 0.73}) for hour in hours]
    known, settings = {"roc_auc": 0.82}, PerformanceSettings()
    assert performance_held(earlier, (END - DAY, END), "roc_auc", known, settings) is held
    assert not performance_held(earlier[:40], (END - DAY, END), "roc_auc", known, settings)  # no other whole period
