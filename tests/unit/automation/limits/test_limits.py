from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from millwright.automation.limits import Limits, Worth
from millwright.core.errors import InvalidInputError


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"cooldown": timedelta(seconds=-1)}, "cool-down of 0 or more"),
        ({"max_per_day": 0}, "at least 1 retraining a day"),
        ({"budget_day": -1.0}, "budget per day of 0 or more"),
        ({"budget_month": -1.0}, "budget per month of 0 or more"),
    ],
)
def test_limits_outside_their_range_are_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        Limits(**given)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"per_unit": 0}, "value per unit above 0"),
        ({"per_unit": float("nan")}, "value per unit above 0"),
        ({"per_unit": 1, "horizon_days": 0}, "horizon in days above 0"),
        ({"per_unit": 1, "recovered": 1.1}, "recovered share"),
    ],
)
def test_worth_outside_its_range_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        Worth(**given)
