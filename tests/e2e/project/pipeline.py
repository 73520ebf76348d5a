"""The demonstration's programme in small: every stage, two quick candidates, gates without a clock in them."""

from __future__ import annotations

from typing import Annotated

import polars as pl
from activities import FEATURES, NOT_KNOWN_AT_START, label_activities

import millwright as mw


@mw.step
def features(activities: pl.DataFrame) -> pl.DataFrame:
    """What is known at the start of each activity whose outcome is known, and that outcome."""
    labelled = label_activities(activities)
    return labelled.filter(pl.col("late").is_not_null()).select(*FEATURES, "project_id", "planned_end", "late")


@mw.pipeline(name="schedule-delay")
def schedule_delay(source: Annotated[str, mw.External()], trials: int = 3, name: str = "schedule-delay") -> None:
    """From a snapshot of the programme to a served model."""
    raw = mw.steps.ingest(source, dataset="programme")
    activities = mw.steps.validate(raw, contract="contract.yaml")
    table = mw.steps.check_leakage(features(activities), target="late", unknown=NOT_KNOWN_AT_START)
    train, test = mw.steps.split(table, by_time="planned_end", group="project_id", test_size=0.2)
    model = mw.steps.tune(
        train,
        target="late",
        trials=trials,
        candidates=["logistic_regression", "decision_tree"],
        group="project_id",
        exclude=["planned_end"],
    )
    report = mw.steps.evaluate(model, test, slices=["region"])
    package = mw.steps.package(model, train)
    gates = mw.steps.check_gates(package, report, test, name=name, gates="gates.yaml")
    version = mw.steps.register(package, report, gates, train, test, name=name)
    mw.steps.deploy(version, gates)
