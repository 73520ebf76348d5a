from __future__ import annotations

import os

import pytest

from millwright.cli.serving_workers import read_workers
from millwright.core.errors import InvalidInputError
from millwright.workspace.settings import ServeSettings

SETTINGS = ServeSettings(max_workers=6, target_in_flight=3.0, target_latency_ms=50.0, idle_seconds=9.0)


def test_one_process_answers_by_default():
    assert read_workers("", -1, 0, 0.0, SETTINGS)[0] == 1


def test_number_is_taken_and_zero_means_one_per_core():
    assert read_workers("4", -1, 0, 0.0, SETTINGS)[0] == 4
    assert read_workers("0", -1, 0, 0.0, SETTINGS)[0] == os.cpu_count()


@pytest.mark.parametrize("workers", ["auto", ""])
def test_bounds_ask_for_as_many_as_are_needed(workers):
    count, scaling = read_workers(workers, 0, 4, 2.0, SETTINGS)
    assert count is None
    assert (scaling.least, scaling.most, scaling.target_in_flight) == (0, 4, 2.0)


def test_settings_say_what_options_do_not():
    _, scaling = read_workers("auto", -1, 0, 0.0, SETTINGS)
    assert (scaling.least, scaling.most, scaling.target_in_flight) == (1, 6, 3.0)
    assert (scaling.target_latency_s, scaling.idle_s) == (0.05, 9.0)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("4", 1, 0, 0.0), "without a fixed number of workers"),
        (("", -1, 0, 2.0), "without a fixed number of workers"),
        (("auto", 5, 2, 0.0), "found 5 and 2"),
        (("many", -1, 0, 0.0), "found 'many'"),
        (("65", -1, 0, 0.0), "from 0 to 64"),
    ],
)
def test_what_makes_no_sense_is_refused(given, told):
    with pytest.raises(InvalidInputError, match=told):
        read_workers(*given, SETTINGS)
