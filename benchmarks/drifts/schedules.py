"""Schedules of New York's school construction: phases of projects, and which of them ended over 30 days late.

The public table "Capital Project Schedules and Budgets" as of January 2026, of which a file is looked for in
`../shared/data` (`SCHEDULES` names another): 4,818 phases that are resolved, with real categories and a real season,
the month in which a phase starts. In the order of a seed, so that no part differs from another but by chance: in the
order of time the schedules do drift.
"""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import polars as pl
from benchmarks.drifts.subject import Drift, Subject, emptied, flipped, only, shifted, spread, swapped

from millwright.monitoring.finding import AlertKind

SOURCE = Path(
    os.environ.get("SCHEDULES") or Path(__file__).parents[3] / "shared" / "data" / "nyc_sca_schedules_2026-01.csv"
)
_TAKEN = date(2026, 1, 1)
_LATE_AFTER = 30  # days


def rows(seed: int) -> pl.DataFrame:
    """Resolved phases, with what is known of each when it starts."""
    table = pl.read_csv(SOURCE, infer_schema=False).rename(lambda name: name.strip())
    started, planned, ended = (
        pl.col(f"Project Phase {what} Date").str.to_date("%m/%d/%Y", strict=False)
        for what in ("Actual Start", "Planned End", "Actual End")
    )
    status = pl.col("Project Status Name")
    overrun = (ended - planned).dt.total_days()
    late = pl.when((status == "Complete") & ended.is_not_null()).then(overrun > _LATE_AFTER)
    phases = table.filter(planned < _TAKEN - timedelta(days=_LATE_AFTER)).select(
        pl.col("Project Phase Name").alias("phase"),
        pl.col("Project Type").alias("project_type"),
        pl.col("Project Building Identifier").str.slice(0, 1).alias("borough"),
        (planned - started).dt.total_days().cast(pl.Float64).alias("planned_days"),
        pl.col("Project Budget Amount").cast(pl.Float64, strict=False).log1p().alias("log_budget"),
        pl.col("Project Description").str.len_chars().cast(pl.Float64).alias("description_length"),
        started.dt.month().cast(pl.Float64).alias("start_month"),
        late.when(status == "In-Progress").then(pl.lit(value=True)).cast(pl.Int64).alias("late"),
    )
    return phases.filter(pl.col("late").is_not_null() & pl.col("planned_days").is_not_null()).sample(
        fraction=1.0, shuffle=True, seed=seed
    )


SCHEDULES = Subject(
    name="schedules",
    rows=rows,
    numbers=("planned_days", "log_budget", "description_length", "start_month"),
    categories=("phase", "project_type", "borough"),
    target="late",
    window=1_000,
    drifts={
        "mean shift": Drift(AlertKind.DRIFT, "planned_days", shifted("planned_days")),
        "variance": Drift(AlertKind.DRIFT, "log_budget", spread("log_budget")),
        "category swap": Drift(AlertKind.DRIFT, "phase", swapped("phase", "Design", "Construction")),
        "missing values": Drift(AlertKind.MISSING_DATA, "log_budget", emptied("log_budget")),
        "label flip": Drift(AlertKind.PERFORMANCE, "", flipped("late")),
        "seasonal": Drift(AlertKind.DRIFT, "start_month", only("start_month", 6, 8), cuts=True),
    },
)
