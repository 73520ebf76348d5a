from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from millwright.core.ids import ReportId
from millwright.core.records.monitor import MonitorReportRecord
from millwright.workspace.report import document_page, past_reports
from millwright.workspace.workspace import Workspace

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
DOCUMENT = {"missing": [], "drift": [], "findings": [], "notes": ["A <quiet> night."], "settings": {"min_rows": 50}}


@pytest.fixture
def report() -> MonitorReportRecord:
    return MonitorReportRecord(
        id=ReportId("r1"), endpoint="delay", model="delay", version=2, window_start=NOW, window_end=NOW,
        created_at=NOW, rows=1200, labelled_rows=0, drift=(),
    )  # fmt: skip


def test_page_says_whose_report_it_is(report):
    page = document_page(report, DOCUMENT)
    assert "delay: 1,200 predictions" in page
    assert "delay@2 against its training reference" in page
    assert "A &lt;quiet&gt; night." in page


def test_page_names_the_monitor_that_asked(report):
    named = document_page(replace(report, monitor="hourly"), DOCUMENT)
    assert "delay@2 against its training reference, as the monitor &#39;hourly&#39; declares" in named


def test_past_reports_without_a_document_are_kept(report, tmp_path):
    with Workspace.open(tmp_path) as workspace:
        workspace.stores.monitors.append_report(report)
        (found,) = past_reports(workspace, "delay")
        assert past_reports(workspace, "delay", "hourly") == []
    assert (found.report.id, found.document) == ("r1", {})
