from __future__ import annotations

from millwright.deployment.realtime.process.board import Standing
from millwright.deployment.realtime.process.scaling import Scaler, ScalingOptions


def standing(in_flight: float, *, answered: int = 0, latency_s: float = 0.0) -> Standing:
    return Standing(1, 1, answered, 0.0, in_flight, latency_s)


def scaler(**options: float) -> Scaler:
    return Scaler(ScalingOptions(**{"most": 4, "target_in_flight": 2.0, "calm_s": 10.0, **options}), now=0.0)


def test_more_than_the_target_asks_for_more_at_once():
    assert scaler().look([standing(5.0)], 1.0) == 3


def test_no_more_than_the_most_are_wanted():
    assert scaler().look([standing(100.0)], 1.0) == 4


def test_new_one_shows_what_it_takes_before_the_next_is_wanted():
    found = scaler()
    assert found.look([standing(3.0)], 1.0) == 2
    assert found.look([standing(7.0)], 1.5) == 2  # the second does not take connections yet
    assert found.look([standing(3.5), standing(3.5)], 2.0) == 2
    assert found.look([standing(3.5), standing(3.5)], 3.0) == 4


def test_fewer_must_have_done_for_a_while():
    found = scaler()
    found.look([standing(5.0)], 0.0)
    three = [standing(0.5), standing(0.5), standing(0.5)]
    assert [found.look(three, now) for now in (5.0, 9.9)] == [3, 3]
    assert found.look(three, 10.1) == 2
    assert found.look(three[:2], 20.0) == 2
    assert found.look(three[:2], 20.2) == 1
    assert found.look(three[:1], 99.0) == 1


def test_load_between_the_bounds_changes_nothing():
    found = scaler()
    found.look([standing(3.0)], 0.0)
    # One could just take it, without room to spare.
    assert [found.look([standing(0.9), standing(0.9)], now) for now in (1.0, 50.0, 100.0)] == [2, 2, 2]


def test_high_latency_asks_for_one_more():
    found = scaler(target_latency_s=0.01, target_in_flight=100.0)
    assert found.look([standing(2.0, latency_s=0.005)], 1.0) == 1
    assert found.look([standing(2.0, latency_s=0.02)], 2.0) == 2


def test_last_one_stays_unless_none_are_allowed():
    found = scaler(idle_s=5.0)
    assert [found.look([standing(0.0)], now) for now in (1.0, 100.0)] == [1, 1]


def test_none_are_wanted_when_nobody_has_asked_for_a_while():
    found = scaler(least=0, idle_s=5.0)
    assert found.look([standing(0.0, answered=1)], 1.0) == 1
    assert found.look([standing(0.0, answered=2)], 4.0) == 1
    assert found.look([standing(0.0, answered=2)], 8.9) == 1
    assert found.look([standing(0.0, answered=2)], 9.1) == 0
    found.is_called()
    assert found.look([], 60.0) == 1
    assert found.look([standing(0.0)], 61.0) == 1


def test_request_that_takes_long_is_not_idleness():
    found = scaler(least=0, idle_s=5.0)
    assert [found.look([standing(1.0)], now) for now in (1.0, 50.0)] == [1, 1]
