from __future__ import annotations

from typing import Any

from millwright.monitoring.seasonal import SeasonalReference


def test_clause_says_beside_what_a_window_was_judged(plant: Any):
    reference = plant.reference()
    found = SeasonalReference(name="hour of the day", reference=reference, periods=4, held=frozenset({"b", "a"}))
    assert found.clause == ", beside the same hour of the day in 4 periods"
    assert found.to_json()["held"] == ["a", "b"]
    assert SeasonalReference(notes=("Too little.",)).clause == ", judged without season: too little is known of it"
    assert SeasonalReference(name="hour of the day").clause == ""  # the window holds all hours
