"""The table of phases: short names, and what counts as late."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import polars as pl

LATE_AFTER_DAYS = 30

NAMES = {
    "Project Geographic District": "district",
    "Project Building Identifier": "building",
    "Project School Name": "school",
    "Project Type": "project_type",
    "Project Description": "description",
    "Project Phase Name": "phase",
    "Project Status Name": "status",
    "Project Phase Actual Start Date": "started",
    "Project Phase Planned End Date": "planned_end",
    "Project Phase Actual End Date": "ended",
    "Project Budget Amount": "budget",
    "Final Estimate of Actual Costs Through End of Phase Amount": "final_cost",
    "Total Phase Actual Spending Amount": "spending",
    "DSF Number(s)": "project",
}


def snapshot_date(source: str) -> date:
    """The first of the month in the file's name (`…_2025-09.csv`).

    Raises:
        ValueError: The name holds no year and month.
    """
    found = re.search(r"(20\d\d)-(0[1-9]|1[0-2])", Path(source).name)
    if found is None:
        raise ValueError(f"Expected a year and month such as 2025-09 in the file's name, found '{Path(source).name}'.")
    return date(int(found[1]), int(found[2]), 1)


def rename_columns(table: pl.DataFrame) -> pl.DataFrame:
    """The public table's column names made short; indicator columns of missing codes keep their suffix."""
    suffixed = {f"{long}__code": f"{short}_code" for long, short in NAMES.items()}
    return table.rename({**NAMES, **suffixed}, strict=False)


def label_phases(phases: pl.DataFrame, taken: str) -> pl.DataFrame:
    """Add `late`: ended more than 30 days after the planned end; null where that cannot be known yet.

    A phase in progress whose planned end lies more than 30 days before the snapshot is known to be late. One that is
    not yet 30 days over is not resolved, and neither is a *complete* one whose 30 days are not over: among those, only
    the punctual ones have ended, and to keep just them would make recent months look better than they are.

    Args:
        phases: Columns `status`, `started`, `planned_end`, `ended` (dates).
        taken: The snapshot's date, ISO text.
    """
    observed = pl.col("planned_end") < date.fromisoformat(taken) - timedelta(days=LATE_AFTER_DAYS)
    dated = pl.col("started").is_not_null() & pl.col("planned_end").is_not_null()
    overrun = (pl.col("ended") - pl.col("planned_end")).dt.total_days() > LATE_AFTER_DAYS
    ended = (pl.col("status") == "Complete") & pl.col("ended").is_not_null()
    return phases.with_columns(
        late=pl.when(dated & observed & ended)
        .then(overrun)
        .when(dated & observed & (pl.col("status") == "In-Progress"))
        .then(pl.lit(value=True))
        .otherwise(None)
    )
