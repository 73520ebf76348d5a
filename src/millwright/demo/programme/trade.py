"""The trades of a building project: how long each takes, what it waits for, what it suffers from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Trade:
    """One kind of activity.

    Attributes:
        name: As in the table's column `activity_type`.
        code: As in activity ids.
        guild: Which of GUILDS does it.
        days: Typical planned duration of one zone, in days.
        crew: Typical crew for that duration, in people.
        after: Codes of the trades that it follows (in the same zone, where those are zoned).
        exposure: How much weather slows it down, 0 (indoors) to 1.
        imports: How much it waits for materials from abroad, 0 to 1.
        zoned: Whether each zone of a project has one, or the project as a whole.
        permit: Whether it needs a permit of its own.
    """

    name: str
    code: str
    guild: int
    days: int
    crew: int
    after: tuple[str, ...] = ()
    exposure: float = 0.0
    imports: float = 0.0
    zoned: bool = False
    permit: bool = False


GUILDS = ("Groundworks", "Structures", "Services", "Interiors")
_GROUND, _SHELL, _SERVICE, _FINISH = range(4)

SITE = Trade(name="Site preparation", code="SIT", guild=_GROUND, days=20, crew=8, exposure=0.7, permit=True)
EXCAVATION = Trade(
    name="Excavation", code="EXC", guild=_GROUND, days=26, crew=10, after=("SIT",), exposure=1.0, permit=True
)
FOUNDATIONS = Trade(
    name="Foundations",
    code="FOU",
    guild=_GROUND,
    days=36,
    crew=14,
    after=("EXC",),
    exposure=0.9,
    imports=0.2,
    permit=True,
)
STRUCTURE = Trade(
    name="Structure", code="STR", guild=_SHELL, days=46, crew=18, after=("FOU",), exposure=0.7, imports=0.6, zoned=True
)
ROOFING = Trade(name="Roofing", code="ROO", guild=_SHELL, days=24, crew=9, after=("STR",), exposure=1.0, imports=0.3)
ENVELOPE = Trade(
    name="Envelope", code="ENV", guild=_SHELL, days=36, crew=12, after=("STR",), exposure=0.6, imports=0.8, zoned=True
)
PLUMBING = Trade(name="Plumbing", code="PLU", guild=_SERVICE, days=30, crew=7, after=("STR",), imports=0.3, zoned=True)
ELECTRICAL = Trade(
    name="Electrical", code="ELE", guild=_SERVICE, days=38, crew=9, after=("STR",), imports=0.7, zoned=True, permit=True
)
MECHANICAL = Trade(
    name="Mechanical",
    code="MEC",
    guild=_SERVICE,
    days=40,
    crew=9,
    after=("STR", "ROO"),
    imports=1.0,
    zoned=True,
    permit=True,
)
INTERIOR = Trade(
    name="Interior finishes",
    code="INT",
    guild=_FINISH,
    days=44,
    crew=12,
    after=("ENV", "PLU", "ELE"),
    imports=0.3,
    zoned=True,
)
LANDSCAPING = Trade(name="Landscaping", code="LAN", guild=_GROUND, days=24, crew=6, after=("ENV",), exposure=0.8)
COMMISSIONING = Trade(
    name="Commissioning", code="COM", guild=_SERVICE, days=28, crew=5, after=("MEC", "INT"), permit=True
)

# In topological order: a trade follows only trades above it.
TRADES = (
    SITE, EXCAVATION, FOUNDATIONS, STRUCTURE, ROOFING, ENVELOPE,
    PLUMBING, ELECTRICAL, MECHANICAL, INTERIOR, LANDSCAPING, COMMISSIONING,
)  # fmt: skip
