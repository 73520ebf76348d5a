from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from millwright.demo.programme import regime
from millwright.demo.programme.condition import Conditions, draw_conditions, log_overrun, lost_days
from millwright.demo.programme.network import NETWORK
from millwright.demo.programme.plan import Plan, draw_plan

EXCAVATION = next(place for place, node in enumerate(NETWORK) if node.trade.code == "EXC")
MECHANICAL = next(place for place, node in enumerate(NETWORK) if node.trade.code == "MEC")


@pytest.fixture(scope="module")
def plan() -> Plan:
    return draw_plan(np.random.default_rng(5))


def _conditions(plan: Plan, *, later: bool = False, place: int = EXCAVATION) -> Conditions:
    day = (regime.FIRST_SNAPSHOT - regime.ORIGIN).days + (100 if later else -265)
    return draw_conditions(np.random.default_rng(1), plan, place, np.full(plan.begin.size, day))


def _mean_overrun(plan: Plan, known: Conditions, place: int = EXCAVATION, blocked: int = 0) -> float:
    delays = np.full(plan.begin.size, blocked)
    return float(log_overrun(np.random.default_rng(2), plan, place, known, delays).mean())


def test_conditions_stay_in_their_ranges(plan: Plan) -> None:
    known = _conditions(plan)
    assert ((known.weather_risk >= 0) & (known.weather_risk <= 1)).all()
    assert (known.lead_weeks >= 1).all()
    assert (known.changes >= 0).all()
    assert (known.crew_load >= 0.3).all()
    assert known.permit.max() < regime.PERMITS.index("not required")


def test_trade_without_a_permit_of_its_own_requires_none(plan: Plan) -> None:
    roofing = next(place for place, node in enumerate(NETWORK) if node.trade.code == "ROO")
    assert (_conditions(plan, place=roofing).permit == regime.PERMITS.index("not required")).all()


def test_permit_reform_turns_the_risk_around(plan: Plan) -> None:
    for later, risky in ((False, "pending"), (True, "conditional")):
        known = _conditions(plan, later=later)
        days = lost_days(np.random.default_rng(3), known)
        means = {name: days[known.permit == regime.PERMITS.index(name)].mean() for name in regime.PERMITS[:3]}
        assert max(means, key=lambda name: means[name]) == risky


@pytest.mark.parametrize(
    ("field", "value"),
    [("weather_risk", 0.9), ("crew_load", 1.4), ("changes", 3)],
)
def test_bad_conditions_make_an_activity_longer(plan: Plan, field: str, value: float) -> None:
    usual = _conditions(plan)
    worse = replace(usual, **{field: np.full_like(getattr(usual, field), value)})
    assert _mean_overrun(plan, worse) > _mean_overrun(plan, usual) + 0.05


def test_late_predecessors_make_an_activity_longer(plan: Plan) -> None:
    known = _conditions(plan)
    assert _mean_overrun(plan, known, blocked=40) > _mean_overrun(plan, known) + 0.1


def test_lead_time_matters_in_the_second_period_only(plan: Plan) -> None:
    effects = []
    for later in (False, True):
        known = _conditions(plan, later=later, place=MECHANICAL)
        quick, slow = (replace(known, lead_weeks=np.full(plan.begin.size, weeks)) for weeks in (3.0, 10.0))
        effects.append(_mean_overrun(plan, slow, MECHANICAL) - _mean_overrun(plan, quick, MECHANICAL))
    assert effects[0] < 0.1
    assert effects[1] > 0.2
