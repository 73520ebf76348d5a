"""The conditions under which an activity starts, and how much they delay it.

Shapes: P is the number of projects; every array here is (P,) for one node of the network. Effects on duration are
additive in its logarithm, so that they multiply; lost days come on top of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from millwright.demo.programme import regime
from millwright.demo.programme.array import Bools, Floats, Ints
from millwright.demo.programme.network import NETWORK

if TYPE_CHECKING:
    from numpy.random import Generator

    from millwright.demo.programme.plan import Plan

_BOUNDARY = (regime.FIRST_SNAPSHOT - regime.ORIGIN).days
_NOT_REQUIRED = regime.PERMITS.index("not required")
# Season's height: how wet and windy each region is, and how much more so in winter.
_WEATHER_MEAN = np.array((0.42, 0.30, 0.22, 0.40, 0.46))
_WEATHER_SWING = np.array((0.26, 0.18, 0.12, 0.22, 0.10))
_TYPE_EFFECT = np.array((0.0, 0.03, -0.03, 0.14, -0.08, 0.10))


@dataclass(frozen=True, kw_only=True, slots=True)
class Conditions:
    """What is known at an activity's start.

    Attributes:
        later: Whether it starts in the second period.
        crew_load: Work on the crew's plate against what it is sized for, around 0.9.
        weather_risk: Forecast for the activity's weeks, 0 to 1.
        permit: Index into PERMITS.
        changes: Change orders so far, a count.
        lead_weeks: Supplier's lead time of the materials, in weeks, at least 1.
    """

    later: Bools
    crew_load: Floats
    weather_risk: Floats
    permit: Ints
    changes: Ints
    lead_weeks: Floats


def draw_conditions(rng: Generator, plan: Plan, place: int, start: Ints) -> Conditions:
    """Draw the conditions of the node at `place` in every project, for the day that it starts there."""
    trade = NETWORK[place].trade
    count = start.size
    later = start >= _BOUNDARY
    season = np.cos((start % 365.25 - 15) / 365.25 * 2 * np.pi)  # 1 in mid-January, day 0 being New Year
    weather = _WEATHER_MEAN[plan.region] + _WEATHER_SWING[plan.region] * season + rng.normal(0.0, 0.08, count)
    level = _either(later, "crew_load") - 0.06 * season  # everybody builds in summer
    permit = np.full(count, _NOT_REQUIRED)
    if trade.permit:
        draws = rng.random(count)
        shares = np.where(later[:, None], regime.AFTER.permit_shares, regime.BEFORE.permit_shares).cumsum(axis=1)
        permit = np.minimum((draws[:, None] > shares).sum(axis=1), 2)
    lead = _either(later, "lead_weeks") * (0.4 + 0.6 * trade.imports) * np.exp(rng.normal(0.0, 0.45, count))
    return Conditions(
        later=later,
        crew_load=np.maximum(0.3, rng.normal(level, 0.16)),
        weather_risk=np.clip(weather, 0.0, 1.0),
        permit=permit,
        changes=rng.poisson(plan.volatility),
        lead_weeks=np.maximum(1.0, np.round(lead, 1)),
    )


def log_overrun(rng: Generator, plan: Plan, place: int, known: Conditions, blocked_days: Ints) -> Floats:
    """The logarithm of actual over planned duration; 0 is as planned.

    Args:
        rng: For what nobody knows beforehand.
        plan: What was planned.
        place: Position in NETWORK of the activity.
        known: Its conditions.
        blocked_days: How late the worst predecessor ended.
    """
    trade = NETWORK[place].trade
    storms = np.maximum(known.weather_risk + rng.normal(0.0, 0.1, known.weather_risk.size) - 0.35, 0.0)
    overload = np.maximum(known.crew_load - 0.95, 0.0)
    small = plan.duration[place] < 25  # crews are taken from small jobs, and from where there is slack
    waiting = np.maximum(known.lead_weeks - 5.0, 0.0) * trade.imports
    effects: Floats = (
        -0.30
        + 1.5 * trade.exposure * storms
        + 0.8 * overload * (1.0 + (plan.slack[place] > 20) + small)
        - 0.35 * np.log(plan.staffing[place])
        + 0.11 * np.minimum(known.changes, 3) * (1.0 - 0.5 * small)
        + 0.22 * (blocked_days > 12)  # who comes late meets the next trade on site
        + _TYPE_EFFECT[plan.kind]
        + _either(known.later, "lead_effect") * waiting
    )
    effects += rng.normal(0.0, 0.27, known.crew_load.size)
    return effects


def lost_days(rng: Generator, known: Conditions) -> Floats:
    """Days lost waiting for a permit."""
    before, after = (np.array((*world.permit_days, 0.0)) for world in (regime.BEFORE, regime.AFTER))
    wait: Floats = np.where(known.later, after[known.permit], before[known.permit])
    wait *= rng.gamma(2.0, 0.5, wait.size)
    return wait


def _either(later: Bools, field: str) -> Floats:
    """A regime's number, the one of each activity's period."""
    number: Floats = np.where(later, getattr(regime.AFTER, field), getattr(regime.BEFORE, field))
    return number
