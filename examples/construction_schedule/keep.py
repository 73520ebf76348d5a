"""Keep the schedules: each snapshot is merged into one dataset, phase by phase.

    mw run keep.py --source nyc_sca_schedules_2025-09.csv

The snapshots overlap: the second one updates phases of the first and adds new ones. What identifies a phase is the key
of the contract; rows that share their key with another row, or lack a part of it, are quarantined.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

import polars as pl
from phases import snapshot_date

import millwright as mw
from millwright.core.errors import NotFoundError
from millwright.core.records.dataset import DatasetKind
from millwright.data.datasets.catalog import DatasetCatalog, WriteOptions
from millwright.data.datasets.dataset import Dataset

KEY = ("Project Building Identifier", "DSF Number(s)", "Project Description", "Project Phase Name")
END = "Project Phase Actual End Date"
RECORDED = "End Recorded"
# What features tell of a phase that has ended: when one of these is corrected, the phase is known anew.
TOLD = (
    END,
    "Project Phase Planned End Date",
    "Project Phase Actual Start Date",
    "Project Type",
    "Project Geographic District",
)


@mw.step
def snapshot(source: str) -> str:
    """The day on which the table was taken, as ISO text; from the file's name."""
    return snapshot_date(source).isoformat()


def with_recorded(rows: pl.DataFrame, former: pl.DataFrame | None, taken: date) -> pl.DataFrame:
    """Add since when the end of each phase is known.

    In the first snapshot that is taken to be the day after the end: for the years before it there is nothing else to go
    by, and the records are those of the authority that does the work. An end that a later snapshot brings is known
    since that snapshot, however long ago it was: no model could have used it before. The same goes for a phase of which
    something is corrected: what was told before is no longer there, and what is there was not known.

    Args:
        rows: A snapshot, as the contract lets it through; `END` is a date.
        former: The phases as they were before it; None when it is the first one.
        taken: The snapshot's day.

    Returns:
        The rows in their order with the date `RECORDED` behind; null for phases without an end.
    """
    if former is None:
        return rows.with_columns((pl.col(END) + timedelta(days=1)).alias(RECORDED))
    known = former.select(*KEY, RECORDED, pl.struct(TOLD).alias("told"))
    joined = rows.select(*KEY, END, pl.struct(TOLD).alias("now")).join(known, on=KEY, how="left", maintain_order="left")
    is_same = pl.col("told").eq_missing(pl.col("now"))
    recorded = pl.when(pl.col(END).is_not_null()).then(pl.when(is_same).then(RECORDED).otherwise(taken))
    return rows.with_columns(joined.select(recorded.alias(RECORDED)).to_series())


@mw.step(cache=False)
def keep(ctx: mw.StepContext, valid: pl.DataFrame, raw: Dataset, taken: str) -> Dataset:
    """Merge a snapshot into the dataset `schedules`; phases that it does not list any more stay as they were."""
    datasets = ctx.service(DatasetCatalog)
    try:
        former = datasets.get("schedules")
    except NotFoundError:
        former = None
    if former is not None and former.record.details["taken"] >= taken:
        ctx.note(dataset=former.record.ref, left_out=f"a snapshot of {former.record.details['taken']} is there")
        return former
    options = WriteOptions(
        mode="merge" if former else "overwrite",
        key=KEY,
        expected=former.record.version if former else None,
        step_run_id=ctx.step_run_id,
        derived_from=(raw.record.ref,),
        details={"taken": taken},
    )
    rows = with_recorded(valid, former.read() if former else None, date.fromisoformat(taken))
    kept = datasets.write(rows, "schedules", kind=DatasetKind.TABLE, options=options)
    counts = {name: kept.record.details.get(name) for name in ("added", "updated", "unchanged")}
    ctx.note(dataset=kept.record.ref, rows=kept.record.rows, **counts)
    return kept


@mw.pipeline(name="keep-schedules")
def keep_schedules(source: Annotated[str, mw.External()]) -> None:
    """From a snapshot's file to the next version of `schedules`."""
    raw = mw.steps.ingest(source, dataset="snapshots")
    valid = mw.steps.validate(raw, contract="contract.yaml")
    keep(valid, raw, snapshot(source))
