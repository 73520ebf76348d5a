"""The programme's activities: what is known when one starts, what is late, what arrives between two snapshots."""

from __future__ import annotations

import polars as pl

LATE_AFTER_DAYS = 10
KEY = "activity_id"
TARGET = "late"

FEATURES = [
    "project_type",
    "region",
    "activity_type",
    "contractor",
    "crew_size",
    "crew_load",
    "planned_duration_days",
    "float_days",
    "start_delay_days",
    "start_month",
    "predecessors",
    "predecessor_delay_days",
    "permit_status",
    "weather_risk",
    "change_orders_before_start",
    "material_lead_weeks",
    "budget",
]

NOT_KNOWN_AT_START = {
    "snapshot_date": "the snapshot is taken later",
    "status": "it says whether the activity has ended",
    "actual_end": "it is the outcome",
    "actual_cost": "costs are added up when the activity has ended",
}


def label_activities(activities: pl.DataFrame) -> pl.DataFrame:
    """Add features and `late`; null where it cannot be known yet.

    An activity in progress is late once its ten days are over. An activity whose ten days are not over on the day of
    the snapshot is not resolved even when it has ended: among those only the punctual ones have, and to keep just them
    would make the last weeks look better than they are.
    """
    observed = pl.col("planned_end") + pl.duration(days=LATE_AFTER_DAYS) < pl.col("snapshot_date")
    overrun = (pl.col("actual_end") - pl.col("planned_end")).dt.total_days() > LATE_AFTER_DAYS
    # In progress although its ten days are over: late, whenever it will end.
    return activities.with_columns(
        pl.when(observed).then(overrun.fill_null(value=True)).alias(TARGET),
        (pl.col("start") - pl.col("planned_start")).dt.total_days().alias("start_delay_days"),
        pl.col("start").dt.month().alias("start_month"),
    )


def arrivals(first: pl.DataFrame, second: pl.DataFrame, sources: tuple[str, str]) -> pl.DataFrame:
    """The activities that a model trained on the first snapshot had to predict, as the second one shows them.

    Args:
        first: The first snapshot, as the contract lets it through.
        second: The second one.
        sources: Their files; not needed here.

    Returns:
        Key, features, and `late` where it is known by the second snapshot.
    """
    del sources
    known = label_activities(first).filter(pl.col(TARGET).is_not_null())[KEY]
    later = label_activities(second).filter(~pl.col(KEY).is_in(known.implode()))
    return later.sort("start").select(KEY, *FEATURES, TARGET)
