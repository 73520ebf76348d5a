"""What happened: the plan carried out, activity after activity, delays passed on along the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from millwright.demo.programme import regime
from millwright.demo.programme.array import Bools, Floats, Ints
from millwright.demo.programme.condition import Conditions, draw_conditions, log_overrun, lost_days
from millwright.demo.programme.network import NETWORK
from millwright.demo.programme.trade import GUILDS

if TYPE_CHECKING:
    from numpy.random import Generator

    from millwright.demo.programme.plan import Plan

_LONG_AGO = -1_000_000  # days


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """How every activity went; arrays are (N, P) as in `plan`, in days unless said otherwise.

    Attributes:
        planned_start: By the plan's last revision before the activity started.
        planned_end: Likewise.
        start: Actual.
        end: Actual.
        predecessors: How many there are.
        predecessor_delay: How much later than planned the worst predecessor ended; 0 without predecessors.
        conditions: What was known at the start, one per node.
        cost: Final cost in currency units.
    """

    planned_start: Ints
    planned_end: Ints
    start: Ints
    end: Ints
    predecessors: Ints
    predecessor_delay: Ints
    conditions: tuple[Conditions, ...]
    cost: Floats


def run(rng: Generator, plan: Plan) -> Course:
    """Carry out the plan."""
    shape = plan.exists.shape
    skill = _draw_skill(rng)
    temper = rng.normal(0.0, 0.06, shape[1])  # what a project's management does to all of its activities
    planned_start, planned_end, start, end, counts, delay = (np.zeros(shape, dtype=np.int64) for _ in range(6))
    conditions = []
    for place, node in enumerate(NETWORK):
        before = list(node.predecessors)
        there = plan.exists[before]
        counts[place] = there.sum(axis=0)
        delay[place] = np.where(there.any(axis=0), _worst(end[before] - planned_end[before], there), 0)
        freed = _worst(end[before], there)
        promised = _worst(planned_end[before], there) + plan.lag[place]
        # The plan was last revised some weeks before: it had seen a part of the delays to come.
        foreseen = promised + rng.uniform(0.65, 1.0, shape[1]) * np.maximum(freed + plan.lag[place] - promised, 0)
        planned_start[place] = np.maximum(plan.start[place], foreseen).astype(np.int64)
        planned_end[place] = planned_start[place] + plan.duration[place]
        start[place] = np.maximum(planned_start[place] + _mobilisation(rng, shape[1]), freed + 1)
        known = draw_conditions(rng, plan, place, start[place])
        conditions.append(known)
        talent = skill[known.later.astype(np.int64), plan.contractor[place]]
        effect = log_overrun(rng, plan, place, known, delay[place]) + temper - 0.16 * talent
        days = plan.duration[place] * np.exp(effect) + lost_days(rng, known)
        end[place] = start[place] + np.maximum(1, np.rint(days)).astype(np.int64)
    overrun = (end - start) / plan.duration
    return Course(
        planned_start=planned_start,
        planned_end=planned_end,
        start=start,
        end=end,
        predecessors=counts,
        predecessor_delay=delay,
        conditions=tuple(conditions),
        cost=np.round(plan.budget * (0.4 + 0.6 * overrun) * np.exp(rng.normal(0.0, 0.08, shape)), -2),
    )


def _draw_skill(rng: Generator) -> Floats:
    """(2, contractors) Scores of each contractor's skill in the first and the second period, -1.6 to 1.6.

    Every guild has the same spread, so that no seed makes a programme of masters or of bunglers.
    """
    spread = np.linspace(-1.6, 1.6, len(regime.TREES))
    first, fresh = (np.concatenate([rng.permutation(spread) for _ in GUILDS]) for _ in range(2))
    kept = regime.AFTER.skill_kept
    return np.array((first, kept * first + np.sqrt(1.0 - kept**2) * fresh))


def _mobilisation(rng: Generator, count: int) -> Ints:
    """Days between the planned and the possible start: most crews come on time, some early, some late."""
    late = rng.exponential(4.0, count) * (rng.random(count) < 0.4)
    early = rng.integers(0, 4, count) * (rng.random(count) < 0.2)
    return np.rint(late - early).astype(np.int64)


def _worst(values: Ints, there: Bools) -> Ints:
    """(P,) The largest value of the predecessors that exist; long ago where there is none."""
    worst: Ints = np.where(there, values, _LONG_AGO).max(axis=0, initial=_LONG_AGO)
    return worst
