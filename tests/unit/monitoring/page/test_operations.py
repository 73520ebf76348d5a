from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from millwright.core.ids import ReportId
from millwright.core.records.monitor import MonitorReportRecord
from millwright.evaluation.page import html_report
from millwright.monitoring.page.course import course_section
from millwright.monitoring.page.operations import operations_figures, operations_section
from millwright.monitoring.page.past_report import PastReport

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
REPORT = MonitorReportRecord(
    id=ReportId("r"), endpoint="delay", model="delay", version=1, window_start=NOON - timedelta(hours=1),
    window_end=NOON, created_at=NOON, rows=500, labelled_rows=0, drift=(), performance={}, reference_performance={},
)  # fmt: skip
OPERATIONS: dict[str, Any] = {
    "requests": 500, "rows": 1000, "seconds": 3600.0, "rows_per_hour": 1000.0,
    "latency_ms": {"p50": 2.0, "p95": 8.0, "p99": 20.0, "mean": 3.0, "max": 90.0},
    "error_share": 0.01, "refused_share": 0.3, "cost": 0.5, "cost_per_prediction": 0.0005, "currency": "EUR",
    "served": {
        "requests": 800, "errors": 8, "refused": 240, "shed": 2, "since": "2026-01-15T11:00:00+00:00", "totals": {},
    },
    "limits": [
        {"name": "p95_ms", "limit": 5.0, "found": 8.0, "broken": True},
        {"name": "p99_ms", "limit": 50.0, "found": 20.0, "broken": False},
        {"name": "refused_share", "limit": 0.2, "found": 0.3, "broken": True},
        {"name": "min_rows_per_second", "limit": 0.1, "found": None, "broken": False},
    ],
}  # fmt: skip


def past(*operations: dict[str, Any] | None) -> list[PastReport]:
    return [
        PastReport(
            report=replace(REPORT, id=ReportId(f"r{number}"), window_end=NOON + timedelta(hours=number)),
            document={"operations": each},
        )
        for number, each in enumerate(operations)
    ]


def test_section_tells_requests_latency_failures_refusals_and_cost_with_their_limits():
    section = operations_section({"operations": OPERATIONS})
    assert section is not None
    assert dict(section.facts) == {
        "Requests answered": 500, "Predictions": 1000, "Predictions an hour": 1000.0, "p50 in ms": 2.0,
        "p95 in ms": 8.0, "p99 in ms": 20.0, "Failed": "1 %", "Refused": "30 %", "1,000 predictions in EUR": 0.5,
    }  # fmt: skip
    assert section.text == [
        "A request took 3 ms on average and 90 ms at most.",
        (
            "The server counted 800 requests since 2026-01-15 11:00 UTC: 8 failed, 240 refused for what they asked, "
            "2 refused as too many."
        ),
    ]
    (table,) = section.tables
    assert [(getattr(row[0], "text", None), *row[1:]) for row in table.rows] == [
        ("beyond", "p95 ms", 8.0, 5.0),
        ("within", "p99 ms", 20.0, 50.0),
        ("beyond", "refused share", 0.3, 0.2),
        ("not known", "min rows per second", None, 0.1),
    ]
    assert "refused share" in html_report("Report", [section])


def test_section_says_what_is_not_known_without_a_server_that_counts():
    untold = {
        **OPERATIONS, "served": None, "latency_ms": {}, "cost_per_prediction": None, "limits": [], "seconds": 5.0,
    }  # fmt: skip
    section = operations_section({"operations": untold})
    assert section is not None
    assert [name for name, _ in section.facts] == ["Requests answered", "Predictions"]
    assert section.text[0].startswith("What failed or was refused is not known")
    assert not section.tables
    assert operations_section({"operations": None}) is None
    assert operations_section({}) is None


def test_course_of_operations_is_drawn_with_the_newest_limits():
    slower = {**OPERATIONS, "latency_ms": {**OPERATIONS["latency_ms"], "p95": 12.0}, "rows_per_hour": 400.0}
    figures: list[Any] = operations_figures(past(OPERATIONS, None, slower))
    titles = [made.layout.title.text for made in figures]
    assert titles == [
        "<b>Latency in ms over time</b>",
        "<b>Requests without an answer in % over time</b>",
        "<b>Predictions an hour over time</b>",
        "<b>Cost of 1,000 predictions in EUR over time</b>",
    ]
    latency, failed, hourly, cost = figures
    assert {trace.name: list(trace.y) for trace in latency.data} == {
        "p50": [2.0, 2.0],
        "p95": [8.0, 12.0],
        "p99": [20.0, 20.0],
    }
    assert [shape.y0 for shape in latency.layout.shapes] == [5.0, 50.0]
    assert "limit of p95" in latency.layout.title.subtitle.text
    assert [list(trace.y) for trace in failed.data] == [[1.0, 1.0], [30.0, 30.0], [0.25, 0.25]]
    assert [shape.y0 for shape in failed.layout.shapes] == [20.0]
    assert [shape.y0 for shape in hourly.layout.shapes] == [360.0]
    assert list(cost.data[0].y) == [0.5, 0.5]


def test_course_of_operations_takes_two_reports_that_tell():
    assert operations_figures(past(OPERATIONS, None)) == []
    section = course_section(past(OPERATIONS, OPERATIONS))
    assert section is not None
    assert len(section.figures) == 4


def test_section_tells_the_columns_whose_values_were_refused():
    kinds = [
        {"column": "load", "expected": "a finite number", "found": "text", "requests": 238},
        {"column": "", "expected": "", "found": "", "requests": 2},
    ]
    section = operations_section(
        {"operations": OPERATIONS | {"served": OPERATIONS["served"] | {"refused_values": kinds}}}
    )
    assert section is not None
    assert section.tables[-1].rows == [["load", "a finite number", "text", 238], ["others", "", "", 2]]
