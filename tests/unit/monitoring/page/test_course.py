from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from millwright.core.ids import ReportId
from millwright.core.records.monitor import DriftRecord, MonitorReportRecord
from millwright.monitoring.page.course import course_section
from millwright.monitoring.page.past_report import PastReport

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


def past(day: int, psi: float, document: dict[str, Any] | None = None) -> PastReport:
    drift = DriftRecord(
        column="days", kind="numeric", scores={"psi": psi}, p_value=0.1, statistic="psi", threshold=0.2,
        drifted=psi > 0.2, reference_rows=100, current_rows=100,
    )  # fmt: skip
    end = NOW + timedelta(days=day)
    report = MonitorReportRecord(
        id=ReportId(f"r{day}"), endpoint="delay", model="delay", version=1, window_start=NOW, window_end=end,
        created_at=end, rows=100, labelled_rows=0, drift=(drift,), reference_performance={"roc_auc": 0.8},
    )  # fmt: skip
    return PastReport(report=report, document=document or {})


def test_drift_is_drawn_in_order_of_time_and_in_units_of_its_limit():
    found = course_section([past(2, 0.4), past(1, 0.1)])
    assert found is not None
    assert list(found.figures[0].data[0].y) == [0.5, 2.0]


def test_expected_performance_is_drawn_with_its_interval():
    document = {
        "performance": {"metric": "roc_auc", "metrics": {}, "intervals": {}},
        "estimated": {"metrics": {"roc_auc": 0.7}, "intervals": {"roc_auc": [0.6, 0.75]}},
    }
    found = course_section([past(1, 0.1, document), past(2, 0.1, document)])
    assert found is not None
    line = found.figures[1].data[0]
    assert list(line.y) == [0.7, 0.7]
    assert [round(up, 6) for up in line.error_y.array] == [0.05, 0.05]


def test_one_report_has_no_course():
    assert course_section([past(1, 0.1)]) is None
