from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from millwright.core.records.prediction import LabelRecord
from millwright.evaluation.interval import BootstrapOptions
from millwright.evaluation.page import html_report
from millwright.monitoring import Monitor, MonitorSettings, PerformanceSettings
from millwright.monitoring.page import PastReport, report_sections

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
    titles = [section.title for section in sections]
    assert titles[:3] == ["Result", "Drift", "Distributions"]
    assert {"Data quality", "Performance", "Slices", "Expected performance"} <= set(titles)
    expected = sections[titles.index("Expected performance")]
    assert {row[0] for row in expected.tables[0].rows} >= {"ROC AUC", "Accuracy"}
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


def test_course_is_drawn_when_there_was_a_report_before(world: Any, draw_rows: Any):
    before = check(world, draw_rows(300, seed=3), labelled=True)
    world.clock.advance(timedelta(days=1))
    world.log(draw_rows(300, seed=4, days=130))
    monitor = Monitor(stores=world.stores, registry=world, clock=world.clock, events=world.events)
    report = monitor.check("delay", settings=SETTINGS)
    past = [PastReport(report=before[0], document=before[1])]
    sections = report_sections(report, monitor.read_document(report), past)
    course = sections[-1]
    assert course.title == "Over time"
    drift, performance, *operations = course.figures
    assert [made.layout.title.text for made in operations] == ["<b>Latency in ms over time</b>"]
    assert {len(trace.x) for trace in drift.data} == {2}
    assert performance.data[0].error_y.array is not None
