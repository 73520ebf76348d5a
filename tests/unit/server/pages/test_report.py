from __future__ import annotations

from millwright.server.pages.report import slice_sections


def test_report_shows_drift_and_performance(control):
    report = control.json("/api/v1/reports")["items"][0]["id"]
    page = control.page(f"/reports/{report}")
    assert "drifted load numeric" in page
    assert "ROC AUC" in page
    assert "At evaluation" in page
    assert "With labels 100" in page


def test_report_shows_distributions_side_by_side_and_the_test_of_each_column(control):
    report = control.json("/api/v1/reports")["items"][0]["id"]
    page = control.page(f"/reports/{report}")
    assert "Values Reference Window" in page
    assert "kolmogorov smirnov" in page
    assert "chi square" in page


def test_report_leads_to_the_page_that_can_be_kept(control):
    report = control.json("/api/v1/reports")["items"][0]["id"]
    assert f'href="/reports/{report}/page"' in control.get(f"/reports/{report}", accept="text/html").text
    answer = control.get(f"/reports/{report}/page", accept="text/html")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith("sandbox allow-scripts;")
    assert "late-visit: 120 predictions" in answer.text
    assert "Distributions" in answer.text


def test_report_without_its_document_has_scores_alone(control, empty):
    report = control.workspace.stores.monitors.list_reports()[0]
    empty.workspace.stores.monitors.append_report(report)  # here without what it names
    page = empty.page(f"/reports/{report.id}")
    assert "Nothing but the scores of columns is kept" in page
    assert "Full report" not in page
    answer = empty.get(f"/reports/{report.id}/page", accept="text/html")
    assert answer.status_code == 404
    assert "Nothing but the scores of columns is kept of the report" in answer.text


def test_report_shows_slices_lost_ones_first():
    part = {"column": "crew", "metric": "accuracy", "labelled_rows": 40, "coverage": 0.5, "reference": 0.9, "gain": 0.0}
    parts = [
        {**part, "value": "a", "current": 0.9, "interval": (0.8, 1.0), "lost": False},
        {**part, "value": "b", "current": 0.5, "interval": (0.4, 0.6), "lost": True, "gain": -0.4},
        {**part, "value": "c", "current": None, "interval": None, "lost": False, "gain": None},
    ]
    [section] = slice_sections({"slices": parts})
    assert section.text == ["Accuracy of 2 slices with enough labels."]
    assert [row[1] for row in section.tables[0].rows] == ["crew = b", "crew = a"]
    assert section.tables[0].rows[0][2:] == [40, "50 %", 0.5, "0.400 to 0.600", 0.9]
    assert slice_sections({}) == []
