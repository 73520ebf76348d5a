"""What was planned: projects, who works on them, and the dates of every activity.

| name | meaning |
|---|---|
| N | nodes of the network |
| P | projects |
| days | whole days after `regime.ORIGIN`, int64 |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from millwright.demo.programme import regime
from millwright.demo.programme.array import Bools, Floats, Ints
from millwright.demo.programme.network import MOST_ZONES, NETWORK
from millwright.demo.programme.trade import GUILDS

if TYPE_CHECKING:
    from numpy.random import Generator

    from millwright.demo.programme.regime import Regime

_BOUNDARY = (regime.FIRST_SNAPSHOT - regime.ORIGIN).days
_LAST = (regime.SECOND_SNAPSHOT - regime.ORIGIN).days
_DAYS_A_MONTH = 30.44


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """The programme as planned. Every project has N nodes; those of zones that it lacks do not exist.

    Attributes:
        begin: (P,) days; when the project begins.
        kind: (P,) index into PROJECT_TYPES.
        region: (P,) index into REGIONS.
        volatility: (P,) mean number of change orders an activity meets, > 0.
        exists: (N, P).
        contractor: (N, P) index into `contractor_names()`.
        start: (N, P) days; the first plan's start.
        duration: (N, P) days, at least 4.
        slack: (N, P) days that an activity may be late without making the project late, at least 0.
        lag: (N, P) days that the plan leaves between an activity and what it waits for.
        crew: (N, P) people.
        staffing: (N, P) crew as a share of what the work needs, around 1.
        budget: (N, P) currency units.
    """

    begin: Ints
    kind: Ints
    region: Ints
    volatility: Floats
    exists: Bools
    contractor: Ints
    start: Ints
    duration: Ints
    slack: Ints
    lag: Ints
    crew: Ints
    staffing: Floats
    budget: Floats


def contractor_names() -> tuple[str, ...]:
    """Contractors, guild by guild; the last `NEW_PER_GUILD` of each guild come with the second period."""
    return tuple(f"{tree} {guild}" for guild in GUILDS for tree in regime.TREES)


def draw_plan(rng: Generator, *, scale: float = 1.0) -> Plan:
    """Draw every project that begins before the second snapshot, and plan it.

    Args:
        rng: Of which the same state gives the same plan.
        scale: Multiplies the number of projects.
    """
    begin, later = _draw_begins(rng, scale)
    count = begin.size
    kind = _draw_shares(rng, later, "type_shares")
    zones = rng.choice(np.arange(1, MOST_ZONES + 1), p=(0.35, 0.4, 0.25), size=count)
    exists = np.array([node.zone < zones for node in NETWORK])  # zone 0 always does
    size = np.exp(rng.normal(0.0, 0.3, count)) * np.array((0.9, 1.0, 1.0, 1.3, 0.8, 1.25))[kind]
    typical = np.array([node.trade.days for node in NETWORK], dtype=np.float64)[:, None]
    duration = np.maximum(4, np.rint(typical * size * np.exp(rng.normal(0.0, 0.18, exists.shape)))).astype(np.int64)
    lag = rng.integers(0, 7, exists.shape)
    start, slack = _schedule(begin, duration, lag, exists)
    needed = np.array([node.trade.crew for node in NETWORK])[:, None] * np.sqrt(size)
    crew = np.maximum(2, np.rint(needed * np.exp(rng.normal(0.0, 0.22, exists.shape)))).astype(np.int64)
    return Plan(
        begin=begin,
        kind=kind,
        region=_draw_shares(rng, later, "region_shares"),
        volatility=rng.gamma(2.0, 0.4, count),
        exists=exists,
        contractor=_draw_contractors(rng, later),
        start=start,
        duration=duration,
        slack=slack,
        lag=lag,
        crew=crew,
        staffing=crew / needed,
        budget=np.round(duration * crew * 410.0 * np.exp(rng.normal(0.35, 0.25, exists.shape)), -2),
    )


def _draw_begins(rng: Generator, scale: float) -> tuple[Ints, Bools]:
    """When projects begin, in order, and which of them are planned in the second period's world."""
    spans = ((0, _BOUNDARY, regime.BEFORE), (_BOUNDARY, _LAST, regime.AFTER))
    begins = []
    for first, last, world in spans:
        count = round((last - first) / _DAYS_A_MONTH * world.projects_a_month * scale)
        if count < 1:
            raise ValueError(f"scale leaves no project; found {scale}")
        begins.append(np.sort(rng.integers(first, last, count)))
    begin = np.concatenate(begins)
    return begin, begin >= _BOUNDARY


def _draw_shares(rng: Generator, later: Bools, field: str) -> Ints:
    """(P,) One index per project, by the shares of its period."""

    def draw(world: Regime) -> Ints:
        shares = getattr(world, field)
        return rng.choice(len(shares), p=shares, size=later.size)

    return np.where(later, draw(regime.AFTER), draw(regime.BEFORE))


def _draw_contractors(rng: Generator, later: Bools) -> Ints:
    """(N, P) One contractor per project and trade: its zones share it. New ones work in later projects only."""
    guild_size = len(regime.TREES)
    known = guild_size - regime.NEW_PER_GUILD
    popularity = 1.0 / np.arange(1.0, known + 1.0) ** 0.6
    chosen: dict[str, Ints] = {}
    for node in NETWORK:
        if node.trade.code in chosen:
            continue
        old = rng.choice(known, p=popularity / popularity.sum(), size=later.size)
        new = known + rng.integers(0, regime.NEW_PER_GUILD, later.size)
        takes_new = later & (rng.random(later.size) < regime.AFTER.new_contractor_share)
        chosen[node.trade.code] = node.trade.guild * guild_size + np.where(takes_new, new, old)
    return np.array([chosen[node.trade.code] for node in NETWORK])


def _schedule(begin: Ints, duration: Ints, lag: Ints, exists: Bools) -> tuple[Ints, Ints]:
    """Critical path method: (N, P) earliest starts, and total slack by the backward pass."""
    start = np.zeros_like(duration)
    for place, node in enumerate(NETWORK):
        start[place] = begin
        for before in node.predecessors:
            ready = start[before] + duration[before] + lag[place]
            start[place] = np.where(exists[before], np.maximum(start[place], ready), start[place])
    end = start + duration
    latest = np.broadcast_to(np.where(exists, end, 0).max(axis=0), duration.shape).copy()  # latest ends
    for place in reversed(range(len(NETWORK))):
        for before in NETWORK[place].predecessors:
            needed = np.where(exists[place], latest[place] - duration[place] - lag[place], latest[before])
            latest[before] = np.minimum(latest[before], needed)
    return start, np.maximum(latest - end, 0)
