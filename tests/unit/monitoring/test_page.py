from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.records.prediction import LabelRecord
from millwright.evaluation.interval import BootstrapOptions
from millwright.evaluation.page import html_report
from millwright.monitoring import Monitor, MonitorSettings, PerformanceSettings
from millwright.monitoring.page import distribution_figure, report_sections

if TYPE_CHECKING:
    import polars as pl

SETTINGS = MonitorSettings(performance=PerformanceSettings(bootstrap=BootstrapOptions(draws=200)))


def check(world: Any, frame: pl.DataFrame, *, labelled: bool = False) -> tuple[Any, Any]:
    world.register()
    records, now = world.log(frame), world.clock.now()
    if labelled:
        labels = [
            LabelRecord(prediction_id=record.id, value=late, observed_at=now, recorded_at=now)
            for record, late in zip(records, frame["late"], strict=True)
        ]
        world.stores.predictions.append_labels("delay", labels)
    monitor = Monitor(stores=world.stores, registry=world, clock=world.clock, events=world.events)
    report = monitor.check("delay", settings=SETTINGS)
    return report, monitor.read_document(report)


def test_sections_show_what_drifted_and_what_was_lost(world: Any, draw_rows: Any):
    report, document = check(world, draw_rows(300, seed=3, days=140, flip=0.4), labelled=True)
    sections = report_sections(report, document)
    assert [section.title for section in sections] == ["Result", "Drift", "Distributions", "Performance"]
    assert ("Drifted columns", "3 of 6") in sections[0].facts
    assert any("drifted" in line for line in sections[0].text)
    assert sections[1].tables[0].rows[0][1] in {"days", "probability", "prediction"}
    assert len(sections[2].figures) == 6
    page = html_report("Monitoring", sections)
    assert "plotly" in page.lower()


def test_sections_give_no_verdict_when_the_rows_were_too_few(world: Any, draw_rows: Any):
    facts = dict(report_sections(*check(world, draw_rows(20, seed=3, days=140)))[0].facts)
    assert getattr(facts["Verdict"], "text", None) == "too few rows"


def test_sections_show_missing_values_when_they_rose(world: Any, draw_rows: Any):
    frame = draw_rows(200, seed=3)
    holes = frame.with_columns(phase=frame["phase"].set(frame["urgent"] | (frame["days"] > 100), None))
    sections = report_sections(*check(world, holes))
    assert "Missing values" in [section.title for section in sections]


def test_sections_are_one_when_the_window_was_empty(world: Any):
    world.register()
    world.serve()
    monitor = Monitor(stores=world.stores, registry=world, clock=world.clock, events=world.events)
    report = monitor.check("delay")
    assert [section.title for section in report_sections(report, monitor.read_document(report))] == ["Result"]


def test_distribution_leaves_out_cells_that_are_empty_on_both_sides():
    drawn = distribution_figure(
        {
            "column": "<b>phase",
            "statistic": "jensen_shannon",
            "scores": {"jensen_shannon": 0.5},
            "threshold": 0.1,
            "cells": {"labels": ["a", "b", "<new>"], "reference": [1, 3, 0], "current": [2, 0, 0]},
        }
    )
    assert list(drawn.data[0].x) == pytest.approx([0.25, 0.75])
    assert list(drawn.data[1].x) == [1.0, 0.0]
    assert "<b>phase" not in drawn.layout.title.text.replace("<b>", "", 1)
