"""Features of school buildings: how late earlier phases ran, as known at a day."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

import millwright as mw

# --8<-- [start:view]
building = mw.Entity("building", description="A school building, by its code")

history = mw.FeatureView(
    "building_history",
    entities=[building],
    source="phases",  # the dataset
    timestamp="recorded",  # since when it is known
    ttl=timedelta(days=730),  # what is older than two years says nothing
    transform=[
        pl.col("late").cum_sum().over("building", order_by="recorded").alias("late_so_far"),
        pl.col("late").rolling_mean(3, min_samples=1).over("building", order_by="recorded").alias("mean_late"),
    ],
    features=[
        mw.Feature("late_so_far", "Int64", "Days, all phases known to have ended"),
        mw.Feature("mean_late", "Float64", "Days, the last three that became known"),
    ],
    description="How late the earlier phases of a building ran",
    owner="planning",
    tags={"subject": "delay"},
)
# --8<-- [end:view]

# --8<-- [start:demand]
pressure = mw.OnDemandFeatureView(
    "pressure",
    sources=[history[["mean_late"]]],
    request=[mw.Feature("planned_days", "Int64", "What the new phase is planned to take")],
    features=[mw.Feature("late_share", "Float64")],
    transform=lambda rows: rows.select(late_share=pl.col("mean_late") / pl.col("planned_days")),
)

delay = mw.FeatureService("schedule_delay", [history, pressure], owner="planning")
# --8<-- [end:demand]
