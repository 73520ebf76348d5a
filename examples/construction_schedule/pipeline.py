"""Predict, when a phase of a school construction project starts, whether it will end more than 30 days late.

    mw run examples/construction_schedule/pipeline.py --source nyc_sca_schedules_2025-09.csv

The data: "Capital Project Schedules and Budgets" of the New York City School Construction Authority (NYC Open Data).
One row is one phase of one project, as it stood on the snapshot's date.
"""

from __future__ import annotations

from typing import Annotated

import polars as pl
from features import FEATURES, NOT_KNOWN_AT_START, phase_features
from phases import label_phases, rename_columns, snapshot_date

import millwright as mw

NAME = "schedule-delay"


@mw.step
def snapshot(source: Annotated[str, mw.External()]) -> str:
    """The day on which the table was taken, as ISO text; from the file's name, or that of the file a link leads to."""
    return snapshot_date(source).isoformat()


@mw.step
def prepare(ctx: mw.StepContext, phases: pl.DataFrame, taken: str) -> pl.DataFrame:
    """Short names, and the label with the censoring handled."""
    labelled = label_phases(rename_columns(phases), taken)
    known = labelled["late"].drop_nulls()
    ctx.note(
        rows=labelled.height,
        dated=labelled.filter(pl.col("planned_end").is_not_null() & pl.col("started").is_not_null()).height,
        resolved=known.len(),
        late_share=round(known.mean() or 0.0, 4),
        unresolved=labelled["late"].null_count(),
    )
    return labelled


@mw.step
def features(ctx: mw.StepContext, phases: pl.DataFrame) -> pl.DataFrame:
    """What is known when a phase starts, one row per phase with a label."""
    table = phase_features(phases).filter(pl.col("late").is_not_null())
    table = table.select(*FEATURES, "project", "planned_end", "late")
    ctx.note(rows=table.height, features=len(FEATURES))
    return table


@mw.pipeline(name=NAME)
def schedule_delay(source: Annotated[str, mw.External()], trials: int = 20, test_size: float = 0.2) -> None:
    """From a snapshot of schedules to a served model."""
    raw = mw.steps.ingest(source, dataset="snapshots")
    valid = mw.steps.validate(raw, contract="contract.yaml")
    phases = prepare(valid, snapshot(source))
    table = mw.steps.check_leakage(features(phases), target="late", unknown=NOT_KNOWN_AT_START)
    train, test = mw.steps.split(table, by_time="planned_end", group="project", test_size=test_size)
    model = mw.steps.tune(train, target="late", trials=trials, group="project", exclude=["planned_end"])
    report = mw.steps.evaluate(model, test, slices=["borough", "phase", "project_type"])
    package = mw.steps.package(model, train)
    gates = mw.steps.check_gates(package, report, test, name=NAME, gates="gates.yaml")
    version = mw.steps.register(package, report, gates, train, test, name=NAME)
    mw.steps.deploy(version, gates)
