"""Predict, when an activity starts, whether it will end more than ten days after its planned end.

    mw run pipeline.py --source programme_2026-07.csv

A second run on the same file executes nothing that is expensive; on another file, or after an edit, only what depends
on it.
"""

from __future__ import annotations

from typing import Annotated

import polars as pl
from activities import FEATURES, NOT_KNOWN_AT_START, label_activities

import millwright as mw

NAME = "schedule-delay"


@mw.step
def features(ctx: mw.StepContext, activities: pl.DataFrame) -> pl.DataFrame:
    """What is known at the start of each activity whose outcome is known, and that outcome."""
    labelled = label_activities(activities)
    table = labelled.filter(pl.col("late").is_not_null()).select(*FEATURES, "project_id", "planned_end", "late")
    late = table["late"].mean()
    ctx.note(rows=table.height, unresolved=labelled.height - table.height, late_share=round(float(str(late)), 4))
    return table


@mw.pipeline(name=NAME)
def schedule_delay(source: Annotated[str, mw.External()], trials: int = 16) -> None:
    """From a snapshot of the programme to a served model."""
    raw = mw.steps.ingest(source, dataset="programme")
    activities = mw.steps.validate(raw, contract="contract.yaml")
    table = mw.steps.check_leakage(features(activities), target="late", unknown=NOT_KNOWN_AT_START)
    train, test = mw.steps.split(table, by_time="planned_end", group="project_id", test_size=0.2)
    model = mw.steps.tune(train, target="late", trials=trials, group="project_id", exclude=["planned_end"])
    report = mw.steps.evaluate(model, test, slices=["region", "activity_type", "project_type"])
    package = mw.steps.package(model, train)
    gates = mw.steps.check_gates(package, report, test, name=NAME, gates="gates.yaml")
    version = mw.steps.register(package, report, gates, train, test, name=NAME)
    mw.steps.deploy(version, gates)
