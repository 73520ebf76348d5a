from __future__ import annotations

from datetime import timedelta
from typing import Any

from millwright.monitoring import Window
from millwright.monitoring.seasonal.log import joined, read_counted, read_periods
from millwright.monitoring.seasonal.phase import Phase

HOUR = timedelta(hours=1)


def test_periods_before_are_read_and_empty_ones_left_out(plant: Any):
    plant.pass_hours(5, rows=10)
    now = plant.world.clock.now()
    phase = Phase(name="", start=now - HOUR, length=HOUR, period=2 * HOUR)
    found = read_periods(plant.world.stores.predictions, "delay", phase, version=1, periods=6)
    assert [rows.start for rows in found] == [now - 3 * HOUR, now - 5 * HOUR]
    assert [len(rows) for rows in found] == [10, 10]


def test_rows_are_joined_with_their_labels_and_know_their_period(plant: Any):
    plant.pass_hours(3, rows=10)
    now = plant.world.clock.now()
    phase = Phase(name="", start=now, length=HOUR, period=HOUR)
    predictions = plant.world.stores.predictions
    found = read_periods(predictions, "delay", phase, version=1, periods=3)
    told = joined(found, predictions.label_table("delay"), plant.world.model.signature)
    assert [part.tolist() for part in told.parts] == [list(range(start, start + 10)) for start in (0, 10, 20)]
    assert told.part.inputs.height == told.part.outputs.height == len(told.part.labels) == 30
    assert told.part.labels.null_count() == 0


def test_every_so_many_windows_of_rows_are_cut_from_the_newest_on(plant: Any):
    plant.pass_hours(7, rows=10)
    now = plant.world.clock.now()
    window = Window(last=10, version=1)
    found = read_counted(plant.world.stores.predictions, "delay", window, windows=2, periods=6, now=now)
    assert [rows.start for rows in found] == [now - 3 * HOUR, now - 5 * HOUR, now - 7 * HOUR]
    assert all(len(rows) == 10 and rows.end - rows.start < HOUR for rows in found)
