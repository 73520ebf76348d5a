"""How earlier phases went, as known at a day: defined once, for training sets and for predictions.

    mw features apply feature_views.py

A row of a view says what is known of an entity from a day on: how many of its phases have ended, by how many days they
overran on average, which share ended more than 30 days late. Totals run in the order in which the ends became known
(`recorded`), not in which they happened: an end that was written down late is in no total before that.
"""

from __future__ import annotations

from typing import Any

import narwhals as nw
from phases import LATE_AFTER_DAYS

import millwright as mw

building = mw.Entity("building", description="A school building, by its code")
project = mw.Entity("project", description="A construction project, by its DSF number")
kind = mw.Entity("kind", keys=("project_type", "phase"), description="A phase of a type of projects")
district = mw.Entity("district", description="A school district, by its number")


def totals(phases: Any, name: str, *keys: str) -> Any:
    """Totals over an entity's ended phases so far, one row for each day on which an end became known."""
    known = phases.filter(
        ~(nw.col("recorded").is_null() | nw.col("started").is_null() | nw.col("planned_end").is_null())
    )
    late = nw.when(nw.col("overrun") > LATE_AFTER_DAYS).then(1).otherwise(0)
    days = (
        known.with_columns(one=nw.lit(1), late=late)
        .group_by(*keys, "recorded")
        .agg(nw.col("one").sum(), nw.col("overrun").sum(), nw.col("late").sum())
    )
    so_far = {
        column: nw.col(column).cum_sum().over(*keys, order_by="recorded") for column in ("one", "overrun", "late")
    }
    return days.with_columns(**so_far).select(
        *keys,
        "recorded",
        nw.col("one").alias(f"{name}_ended"),
        (nw.col("overrun") / nw.col("one")).alias(f"{name}_mean_overrun"),
        (nw.col("late") / nw.col("one")).alias(f"{name}_late_share"),
    )


def of_project(phases: Any) -> Any:
    """A project's earlier phases."""
    return totals(phases, "project", "project")


def of_building(phases: Any) -> Any:
    """A building's earlier phases, of all its projects."""
    return totals(phases, "building", "building")


def of_kind(phases: Any) -> Any:
    """Earlier phases of the same type."""
    return totals(phases, "kind", "project_type", "phase")


def of_district(phases: Any) -> Any:
    """A district's earlier phases."""
    return totals(phases, "district", "district")


def _ended(name: str) -> mw.Feature:
    return mw.Feature(f"{name}_ended", "Int64", "Phases known to have ended")


def _mean_overrun(name: str) -> mw.Feature:
    return mw.Feature(f"{name}_mean_overrun", "Float64", "Days over the plan, on average; negative when early")


def _late_share(name: str) -> mw.Feature:
    return mw.Feature(f"{name}_late_share", "Float64", f"Share that ended more than {LATE_AFTER_DAYS} days late")


project_history = mw.FeatureView(
    "project_history",
    entities=[project],
    source="phases",
    timestamp="recorded",
    transform=of_project,
    features=[_ended("project"), _mean_overrun("project"), _late_share("project")],
    description="How earlier phases of a project went",
    owner="planning",
)
building_history = mw.FeatureView(
    "building_history",
    entities=[building],
    source="phases",
    timestamp="recorded",
    transform=of_building,
    features=[_ended("building"), _mean_overrun("building"), _late_share("building")],
    description="How late earlier phases of a building ran",
    owner="planning",
)
kind_history = mw.FeatureView(
    "kind_history",
    entities=[kind],
    source="phases",
    timestamp="recorded",
    transform=of_kind,
    features=[_late_share("kind")],
    description="How earlier phases of the same type went",
    owner="planning",
)
district_history = mw.FeatureView(
    "district_history",
    entities=[district],
    source="phases",
    timestamp="recorded",
    transform=of_district,
    features=[_late_share("district")],
    description="How earlier phases of a district went",
    owner="planning",
)

delay = mw.FeatureService(
    "schedule_delay",
    [project_history, building_history, kind_history, district_history],
    description="What the past says when a phase starts",
    owner="planning",
)
