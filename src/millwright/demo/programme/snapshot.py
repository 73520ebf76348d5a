"""What was known of the programme on a day, as the table that a project office would export."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from millwright.demo.programme import regime
from millwright.demo.programme.column import NAMES
from millwright.demo.programme.network import NETWORK
from millwright.demo.programme.plan import contractor_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.random import Generator
    from numpy.typing import NDArray

    from millwright.demo.programme.array import Bools, Ints
    from millwright.demo.programme.course import Course
    from millwright.demo.programme.plan import Plan

# Share of the rows in which nobody filled a column in.
MISSING = MappingProxyType({"contractor": 0.01, "crew_load": 0.04, "weather_risk": 0.05, "budget": 0.02})


@dataclass(frozen=True, slots=True)
class Window:
    """Which activities a snapshot shows: those that started in it, and older ones that were open when it began.

    Attributes:
        begins: First day; also the day of the snapshot before, if there is one.
        ends: Day of the snapshot, not included.
        first: Whether there is no snapshot before, so that nothing was open.
    """

    begins: date
    ends: date
    first: bool


WINDOWS = MappingProxyType(
    {
        1: Window(regime.FIRST_DAY, regime.FIRST_SNAPSHOT, first=True),
        2: Window(regime.FIRST_SNAPSHOT, regime.SECOND_SNAPSHOT, first=False),
    }
)


def take(rng: Generator, plan: Plan, course: Course, window: Window) -> pl.DataFrame:
    """The table of one window, one row per activity, by activity id.

    Args:
        rng: For what is missing; the same state gives the same gaps in every window.
        plan: What was planned.
        course: What happened; what lies after the window is not shown.
        window: Which activities, and what day.

    Returns:
        The columns of `column.COLUMNS`; dates are text, as in a CSV file.
    """
    missing = {name: rng.random(plan.exists.shape) < share for name, share in MISSING.items()}
    shown = _shown(plan, course, window)
    node, project = np.nonzero(shown)
    frame = pl.DataFrame({**_planned(plan, course, node, project), **_known(course, node, project)})
    gaps = [pl.when(~pl.lit(pl.Series(missing[name][shown]))).then(pl.col(name)).alias(name) for name in MISSING]
    return frame.with_columns(*gaps, *_outcome(course, shown, window)).select(NAMES).sort("activity_id")


def _shown(plan: Plan, course: Course, window: Window) -> Bools:
    begins, ends = _day(window.begins), _day(window.ends)
    started = (course.start >= begins) & (course.start < ends)
    was_open = (course.start >= _day(regime.FIRST_DAY)) & (course.start < begins) & (course.end >= begins)
    return plan.exists & (started | (was_open & (not window.first)))


def _planned(plan: Plan, course: Course, node: Ints, project: Ints) -> dict[str, Any]:
    at = node, project
    trades = [NETWORK[place].trade for place in node]
    projects = [f"P{number + 1:04d}" for number in project]
    suffixes = [f"{NETWORK[place].trade.code}-{NETWORK[place].zone + 1}" for place in node]
    return {
        "activity_id": [f"{name}-{suffix}" for name, suffix in zip(projects, suffixes, strict=True)],
        "project_id": projects,
        "project_type": _names(regime.PROJECT_TYPES, plan.kind[project]),
        "region": _names(regime.REGIONS, plan.region[project]),
        "activity_type": [trade.name for trade in trades],
        "contractor": _names(contractor_names(), plan.contractor[at]),
        "crew_size": plan.crew[at],
        "planned_start": _dates(course.planned_start[at]),
        "planned_end": _dates(course.planned_end[at]),
        "planned_duration_days": plan.duration[at],
        "float_days": plan.slack[at],
        "budget": plan.budget[at],
    }


def _known(course: Course, node: Ints, project: Ints) -> dict[str, Any]:
    at = node, project

    def condition(name: str) -> NDArray[Any]:
        return np.array([getattr(known, name) for known in course.conditions])[at]

    return {
        "start": _dates(course.start[at]),
        "predecessors": course.predecessors[at],
        "predecessor_delay_days": course.predecessor_delay[at],
        "crew_load": condition("crew_load").round(2),
        "permit_status": _names(regime.PERMITS, condition("permit")),
        "weather_risk": condition("weather_risk").round(2),
        "change_orders_before_start": condition("changes"),
        "material_lead_weeks": condition("lead_weeks"),
    }


def _outcome(course: Course, shown: Bools, window: Window) -> list[pl.Series | pl.Expr]:
    ended = pl.Series(course.end[shown] < _day(window.ends))
    values = {"actual_end": _dates(course.end[shown]), "actual_cost": pl.Series(course.cost[shown])}
    return [
        *(pl.when(pl.lit(ended)).then(pl.lit(series)).alias(name) for name, series in values.items()),
        pl.when(pl.lit(ended)).then(pl.lit("complete")).otherwise(pl.lit("in progress")).alias("status"),
        pl.lit(window.ends.isoformat()).alias("snapshot_date"),
    ]


def _names(names: Sequence[str], indices: Ints) -> NDArray[np.object_]:
    return np.array(names, dtype=object)[indices]


def _day(day: date) -> int:
    return (day - regime.ORIGIN).days


def _dates(days: Ints) -> pl.Series:
    first = np.datetime64(regime.ORIGIN, "D")
    return pl.Series(first + days.astype("timedelta64[D]")).dt.to_string("%Y-%m-%d")
