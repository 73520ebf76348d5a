from __future__ import annotations

import math

import pytest

from millwright.data.profiles.sketch import quantiles
from millwright.deployment.traffic.tally import Comparison, Tally, merge


def some(start: int) -> Tally:
    tally = Tally(answered=10 + start, failed=1, refused=2, seconds=0.5, shadow=Comparison(compared=3, agreed=start))
    tally.latencies[4] = 10
    tally.latencies[start] = 3
    tally.add_outputs([{"prediction": "x", "probability": (start + n) / 100} for n in range(10)])
    tally.add_outputs([{"prediction": name} for name in ("late", "late", "in time")])
    return tally


def test_tally_comes_back_from_json():
    assert Tally.from_json(some(2).to_json()) == some(2)
    assert Tally.from_json(Tally().to_json()) == Tally()


def test_tallies_of_processes_add_up():
    both = merge([some(1), some(30), Tally()])
    assert (both.answered, both.failed, both.refused, both.errors, both.seconds) == (51, 2, 4, 6, 1.0)
    assert (both.latencies[4], both.latencies[1], both.latencies[30]) == (20, 3, 3)
    assert both.classes == {"late": 4, "in time": 2}
    assert both.sampled == 20
    assert quantiles(both.numbers, [0.5]) == [0.1]
    assert both.shadow == Comparison(compared=6, agreed=31)


def test_nothing_adds_up_to_nothing():
    assert merge([]) == Tally()


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_outputs_that_are_no_number_are_left_out(value):
    tally = Tally()
    tally.add_outputs([{"prediction": value}])
    assert (tally.sampled, tally.classes) == (0, {})


def test_booleans_are_classes():
    tally = Tally()
    tally.add_outputs([{"prediction": True}, {"prediction": False}, {"prediction": True}])
    assert tally.classes == {"True": 2, "False": 1}


def test_rare_classes_are_counted_together():
    tally = Tally()
    tally.add_outputs([{"prediction": f"c{number}"} for number in range(500)])
    assert len(tally.classes) == 201
    assert sum(tally.classes.values()) == 500


def test_shadow_is_compared_with_what_was_answered():
    found = Comparison()
    found.add({"prediction": "a", "probability": 0.25}, {"prediction": "a", "probability": 0.75})
    found.add({"prediction": "a", "probability": 0.5}, {"prediction": "b", "probability": 0.25})
    found.add({"prediction": "a"}, {"prediction": "b"})
    assert (found.compared, found.agreed, found.numeric) == (3, 1, 2)
    assert (found.difference, found.absolute) == (0.25, 0.75)
