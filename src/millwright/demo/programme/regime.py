"""What the world is like in each of the two periods: mixes, supply, permits, and how much they matter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

ORIGIN = date(2022, 1, 1)  # the simulation's day 0
FIRST_DAY = date(2023, 1, 1)  # activities that start earlier only fill the network: they are in no snapshot
FIRST_SNAPSHOT = date(2025, 1, 1)
SECOND_SNAPSHOT = date(2026, 7, 1)

LATE_AFTER_DAYS = 10  # an activity that ends more than this after its planned end is late

PROJECT_TYPES = ("Residential", "Office", "School", "Hospital", "Warehouse", "Transit")
REGIONS = ("North", "Central", "South", "Coast", "Islands")
PERMITS = ("granted", "conditional", "pending", "not required")
# Every guild has contractors named after these; the last NEW_PER_GUILD of them come with the second period.
TREES = ("Alder", "Birch", "Cedar", "Elm", "Hazel", "Larch", "Maple", "Rowan", "Spruce")
NEW_PER_GUILD = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Regime:
    """One period's world. Shares add up to 1.

    Attributes:
        projects_a_month: How many projects begin.
        region_shares: Of REGIONS.
        type_shares: Of PROJECT_TYPES.
        new_contractor_share: Share of work that goes to the contractors who came with the second period.
        lead_weeks: Mean time that imported materials take.
        lead_effect: Log duration per week of lead time beyond four, for a trade that lives on imports.
        permit_shares: Of granted, conditional, pending, where a permit is needed.
        permit_days: Mean days lost with each of those.
        crew_load: Mean load of crews; 1 is what they are sized for.
        skill_kept: How much of a contractor's skill of the first period is left, 0 to 1; the rest is drawn anew.
    """

    projects_a_month: float
    region_shares: tuple[float, ...]
    type_shares: tuple[float, ...]
    new_contractor_share: float
    lead_weeks: float
    lead_effect: float
    permit_shares: tuple[float, float, float]
    permit_days: tuple[float, float, float]
    crew_load: float
    skill_kept: float


BEFORE = Regime(
    projects_a_month=16.0,
    region_shares=(0.30, 0.34, 0.24, 0.12, 0.0),
    type_shares=(0.34, 0.22, 0.18, 0.08, 0.12, 0.06),
    new_contractor_share=0.0,
    lead_weeks=4.0,
    lead_effect=0.01,
    permit_shares=(0.68, 0.16, 0.16),
    permit_days=(0.0, 1.0, 14.0),
    crew_load=0.92,
    skill_kept=1.0,
)
# Supply chains break, a region and contractors are new, good people changed employers, and a permit reform turns that
# risk around: a pending application now counts as granted, a conditional permit now means inspections.
AFTER = Regime(
    projects_a_month=21.0,
    region_shares=(0.18, 0.26, 0.16, 0.20, 0.20),
    type_shares=(0.26, 0.14, 0.16, 0.14, 0.20, 0.10),
    new_contractor_share=0.35,
    lead_weeks=7.0,
    lead_effect=0.05,
    permit_shares=(0.56, 0.26, 0.18),
    permit_days=(0.0, 14.0, 1.0),
    crew_load=0.92,
    skill_kept=0.3,
)
