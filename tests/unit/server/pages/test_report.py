from __future__ import annotations


def test_report_shows_drift_and_performance(control):
    report = control.json("/api/v1/reports")["items"][0]["id"]
    page = control.page(f"/reports/{report}")
    assert "drifted load numeric" in page
    assert "ROC AUC" in page
    assert "At evaluation" in page
    assert "With labels 100" in page
